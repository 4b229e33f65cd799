"""The real tensorboard package reads the event files that RunLog writes.

    python3 tensorboard_reads_us.py WRITE_EXAMPLE_RUN VENV

VENV is made on first use, with pip. Exit code 77: skipped, PyPI cannot be reached.
"""
import csv
import fcntl
import os
import pathlib
import subprocess
import sys
import tempfile

PACKAGE = "tensorboard==2.20.0"
SKIPPED = 77
NO_NETWORK = ("NewConnectionError", "Failed to establish", "name resolution", "Connection refused",
              "Network is unreachable", "ProxyError", "ConnectTimeout", "ReadTimeout", "timed out", "ConnectionReset")


def make_environment(venv: pathlib.Path) -> None:
    """A venv with the package, whole or with no stamp: an interrupted install is done again."""
    stamp = venv / f"has-{PACKAGE}"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(venv.parent / (venv.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists():
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        # setuptools: tensorboard asks for pkg_resources, which newer ones lack.
        pip = subprocess.run([venv / "bin/python", "-m", "pip", "install", "--disable-pip-version-check",
                              "--retries", "1", PACKAGE, "setuptools<81"], capture_output=True, text=True)
        if pip.returncode != 0:
            print(pip.stdout + pip.stderr)
            if any(sign in pip.stdout + pip.stderr for sign in NO_NETWORK):
                print(f"SKIPPED: PyPI cannot be reached, so {PACKAGE} is not here to read our event files")
                sys.exit(SKIPPED)
            sys.exit(f"FAILED: pip could not install {PACKAGE}")
        stamp.touch()


def scalars(folder: str, tag: str) -> list:
    """[(step, value)] as the dashboard's back end sees the folder. A step that is there twice shows twice."""
    from tensorboard.backend.event_processing import event_accumulator
    events = event_accumulator.EventAccumulator(folder, size_guidance={event_accumulator.SCALARS: 0})
    events.Reload()
    return [(event.step, event.value) for event in events.Scalars(tag)]


def tags(folder: str) -> set:
    from tensorboard.backend.event_processing import event_accumulator
    return set(event_accumulator.EventAccumulator(folder).Reload().Tags()["scalars"])


def expect(what: str, got, wanted) -> None:
    if got != wanted:
        sys.exit(f"FAILED: {what}\n  got    {got}\n  wanted {wanted}")
    print(f"ok: {what}")


def main(writer: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([writer, folder, "start"], check=True)
        expect("tags", tags(folder), {"time/total_timesteps", "rollout/success_rate", "eval/success_rate"})
        first = [(step, step / 1024) for step in range(100, 501, 100)]
        expect("steps and values", scalars(folder, "rollout/success_rate"), first)
        expect("a value that only some rows have", scalars(folder, "eval/success_rate"), [(200, 200.0), (400, 400.0)])

        first_file = next(pathlib.Path(folder).glob("events.out.tfevents.*"))
        with open(first_file, "ab") as file:  # killed while it wrote: a record that says 200 bytes and has 5
            file.write((200).to_bytes(8, "little") + b"\1\2\3\4" + b"cut")
        expect("a file cut in the middle of a record", scalars(folder, "rollout/success_rate"), first)

        subprocess.run([writer, folder, "resume"], check=True)
        resumed = first[:3] + [(400, -400.0), (500, -500.0), (600, -600.0)]
        expect("resume purges what is newer than its checkpoint", scalars(folder, "rollout/success_rate"), resumed)
        gaps = [(200, 200.0), (400, 400.0), (600, 600.0)]
        expect("the purge in a column with gaps", scalars(folder, "eval/success_rate"), gaps)
        with open(pathlib.Path(folder) / "progress.csv", newline="") as file:
            rows = [(int(row["time/total_timesteps"]), float(row["rollout/success_rate"]))
                    for row in csv.DictReader(file)]
        expect("progress.csv tells the same", rows, resumed)


if __name__ == "__main__":
    write_example_run, environment = sys.argv[1], pathlib.Path(sys.argv[2])
    if pathlib.Path(sys.prefix).resolve() == environment.resolve():
        main(write_example_run)
    else:
        make_environment(environment)
        python = str(environment / "bin/python")
        os.execv(python, [python, *sys.argv])
