"""How the tests of the command line run the program. Each script is called as: python3 cli_<what>.py WANE"""
import csv
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

WANE = os.path.abspath(sys.argv.pop(1))

# A block is 256 frames; 12,288 of them take about a second. The gate stands open, so that slots die.
TINY = """\
world:
  name: corridor
  length: [3, 8]
train: {frames: 12288, envs: 16, steps: 16, threads: 1}
eval: {every: 4096, episodes: 16}
log: {every: 1024, checkpoint_every: 2048, keep_every: 4096}
memory: {width: 16, heads: 2, feed_forward: 2, max_span: 64, position_window: 9}
expire_span: {first_span: 6, open_at: 0, restore_at: 0}
"""


def start(*words, **options):
    return subprocess.Popen([WANE, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, errors="replace", **options)


def finish(process, seconds=60):
    """The exit code and both outputs of a process of `start`."""
    out, err = process.communicate(timeout=seconds)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def wane(*words, **options):
    return finish(start(*words, **options))


def wait_for(what, process, seconds=30):
    """Until `what()` holds; the process must not end before."""
    end = time.monotonic() + seconds
    while not what():
        if process.poll() is not None:
            raise AssertionError(f"ended too early, with {process.returncode}: {process.communicate()}")
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.005)


def rows(folder):
    """Complete rows of progress.csv, as lists of text, the header first; [] where there is no file."""
    path = pathlib.Path(folder) / "progress.csv"
    if not path.exists():
        return []
    text = path.read_text()
    return list(csv.reader(text[:text.rfind("\n") + 1].splitlines()))


def rows_but_time(folder):
    """The same without the columns that a clock decides."""
    table = rows(folder)
    kept = [i for i, name in enumerate(table[0]) if not name.startswith("time/") or name == "time/total_timesteps"]
    return [[row[i] for i in kept] for row in table]


class Case(unittest.TestCase):
    """Every test in an empty folder of its own, with tiny.yaml in it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="wane-cli-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        pathlib.Path("tiny.yaml").write_text(TINY)

    def succeeds(self, *words, **options):
        done = wane(*words, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"{done.args}\n{done.stdout}")
        return done.stdout

    def fails(self, words, *parts, code=2, **options):
        """One line on standard error that has all of `parts`."""
        done = wane(*words, **options)
        self.is_one_line(done, code, parts)
        return done.stderr

    def is_one_line(self, done, code, parts):
        said = f"wane {' '.join(done.args[1:])}: exit {done.returncode}, {done.stderr!r}"
        self.assertEqual(done.returncode, code, said)
        self.assertRegex(done.stderr, r"\Awane: [^\n]+\n\Z", said)
        self.assertNotIn("internal error", done.stderr, said)
        for part in parts:
            self.assertIn(part, done.stderr, said)

    def same_run(self, a, b):
        """Progress but for the clock, and every checkpoint byte for byte."""
        self.assertEqual(rows_but_time(a), rows_but_time(b))
        files = [sorted(path.name for path in (pathlib.Path(run) / "checkpoints").iterdir()) for run in (a, b)]
        self.assertEqual(*files)
        for name in files[0]:
            one, other = ((pathlib.Path(run) / "checkpoints" / name).read_bytes() for run in (a, b))
            self.assertTrue(one == other, f"checkpoints/{name} of {a} and {b} differ")

    def leftovers(self):
        return sorted(str(path) for path in self.folder.rglob("*.tmp"))


def frames(folder):
    """Frames of a run's last complete row; 0 for none."""
    table = rows(folder)
    return int(table[-1][0]) if len(table) > 1 else 0


ESCAPE = re.compile("\x1b|\r")

main = unittest.main
