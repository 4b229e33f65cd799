"""Bad input of every kind: one line that names the thing and what is wrong with it, and exit code 2."""
import os
import pathlib
import random
import subprocess
import unittest

from cli_wane import TINY, WANE, Case, main, wane


class Words(Case):
    def test_commands(self):
        for words in (["fly"], [], ["bench"], ["bench", "sleep"], ["train", "--flie"], ["eval"]):
            done = wane(*words)
            self.assertEqual(done.returncode, 2, done.args)
            self.assertIn("--help", done.stderr)
            self.assertLessEqual(len(done.stderr.splitlines()), 2, done.stderr)

    def test_numbers(self):
        for words in (["train", "tiny.yaml", "--seed", "-1"], ["train", "tiny.yaml", "--seed", "x"],
                      ["train", "tiny.yaml", "--seed", str(2**64)], ["train", "tiny.yaml", "--stop-at", "-5"],
                      ["eval", "run", "--episodes", "0"], ["eval", "run", "--episodes", "many"]):
            done = wane(*words)
            self.assertEqual(done.returncode, 2, done.args)
            self.assertIn(words[2], done.stderr)
            self.assertLess(len(done.stderr), 200)

    def test_a_full_disk_behind_standard_output(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([WANE, "config", "tiny.yaml"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("standard output: cannot write", done.stderr)

    def test_help_is_no_fault(self):
        for words in (["--help"], ["train", "--help"], ["eval", "--help"], ["bench", "train", "--help"], ["--version"]):
            self.assertNotEqual(self.succeeds(*words), "")


class Settings(Case):
    def refuses(self, *cases):
        for words, *parts in cases:
            self.fails(["train", "tiny.yaml", *words], *parts)
            self.assertEqual(sorted(os.listdir()), ["tiny.yaml"], "a refused run leaves no folder")

    def test_keys_and_values(self):
        self.refuses((["a2c.gama=0.9"], "a2c.gama (command line)", "did you mean a2c.gamma?"),
                     (["agents.gamma=0.9"], "agents.gamma (command line)"),
                     (["train=3"], "train (command line): a section"),
                     (["train.envs=many"], "train.envs", "many", "command line"),
                     (["train.envs=2.5"], "train.envs", "2.5"),
                     (["a2c.gamma=1.7"], "a2c.gamma = 1.7 (command line): expected 0..1"),
                     (["memory.kind=elephant"], "memory.kind", "elephant", "| compressive | none"),
                     (["memory.null_slot=perhaps"], "memory.null_slot", "perhaps"),
                     (["a2c.gamma"], "a2c.gamma"),
                     (["--device", "abacus"], "train.device", "abacus", "cpu | cuda"))

    def test_worlds(self):
        self.refuses((["world.name=coridor"], "coridor", "did you mean `corridor`?"),
                     (["world.lenght=[3, 9]"], "world.lenght (command line)", "did you mean world.length?"),
                     (["world.length=[9, 3]"], "world.length = [9, 3] (command line)"),
                     (["world.length=7"], "world.length = 7 (command line)"),
                     (["world.cue_steps=0"], "world.cue_steps = 0 (command line)"))

    def test_settings_that_do_not_fit_together(self):
        self.refuses((["memory.heads=3"], "memory.heads = 3", "memory.width = 16"),
                     (["expire_span.first_span=64"], "expire_span.first_span", "memory.max_span"),
                     (["memory.max_span=5"], "expire_span.first_span", "memory.max_span"),
                     (["expire_span.form=sigmoid", "expire_span.divide_by_ramp=true"], "expire_span.ramp"))

    def test_files(self):
        for name, text, *parts in (
                ("key.yaml", TINY + "a2c:\n  gama: 0.9\n", "key.yaml:10", "a2c.gama", "did you mean a2c.gamma?"),
                ("type.yaml", "train:\n  envs: many\n", "type.yaml:2", "train.envs", "many"),
                ("range.yaml", "a2c: {gamma: 1.7}\n", "range.yaml:1", "a2c.gamma = 1.7", "expected 0..1"),
                ("world.yaml", "world:\n  name: corridor\n  rooms: 3\n", "world.rooms", "world.yaml:3"),
                ("twice.yaml", "a2c: {gamma: 0.9}\na2c.gamma: 0.8\n", "twice.yaml", "a2c.gamma"),
                ("open.yaml", "a2c: [1, 2\n", "open.yaml"), ("list.yaml", "- 1\n- 2\n", "list.yaml"),
                ("word.yaml", "corridor\n", "word.yaml")):
            pathlib.Path(name).write_text(text)
            self.fails(["train", name], *parts)
        self.fails(["train", "missing.yaml"], "missing.yaml")
        self.fails(["train", "."], ".:")
        self.fails(["config", "missing.yaml"], "missing.yaml")
        self.fails(["train"], "configs/corridor.yaml")
        self.fails(["train", "a2c.gamma=0.9"], "YAML")
        self.assertFalse(pathlib.Path("runs").exists())

    def test_binary_nonsense(self):
        draw = random.Random(1)
        for number in range(5):
            pathlib.Path("noise.yaml").write_bytes(bytes(draw.randrange(256) for _ in range(300)))
            self.fails(["train", "noise.yaml"], "noise.yaml")
        for text in (b"\0" * 100, b"\xff\xfe\x00a", b"a2c: \x01\n", b"a2c.\x1b[31mred: 1\n", b"&a [*a]\n", b"{" * 5000):
            pathlib.Path("noise.yaml").write_bytes(text)
            self.fails(["config", "noise.yaml"], "noise.yaml")

    @unittest.skipIf(pathlib.Path("/dev/nvidia0").exists(), "this machine has a GPU")
    def test_no_gpu(self):
        self.fails(["train", "tiny.yaml", "--device", "cuda"], "--device cuda")
        self.assertFalse(pathlib.Path("runs").exists())


class Runs(Case):
    def setUp(self):
        super().setUp()
        self.succeeds("train", "tiny.yaml", "--run-dir", "run", "--stop-at", 512)
        self.latest = pathlib.Path("run/checkpoints/latest")

    def test_no_such_run(self):
        pathlib.Path("empty").mkdir()
        for words in (["eval"], ["train", "--resume"], ["bench", "train"]):
            self.fails([*words, "nowhere"], "nowhere")
            self.fails([*words, "empty"], "empty")
        self.latest.unlink()
        for words in (["eval"], ["train", "--resume"], ["bench", "train"]):
            self.fails([*words, "run"], "run", "checkpoint")

    def test_checkpoints_that_are_none(self):
        whole = self.latest.read_bytes()
        for bytes_, *parts in ((b"", "not a wane checkpoint"), (b"nonsense" * 100, "not a wane checkpoint"),
                               (whole[:20], "not a wane checkpoint"), (whole[:-1], "cut short"),
                               (whole[:len(whole) // 2], "cut short"),
                               (whole[:999] + bytes([whole[999] ^ 1]) + whole[1000:], "damaged"),
                               (whole[:8] + b"\x63" + whole[9:], "version 99")):
            self.latest.write_bytes(bytes_)
            for words in (["eval", "run"], ["eval", "run/checkpoints/latest"], ["train", "--resume", "run"],
                          ["bench", "train", "run"]):
                self.fails(words, "run/checkpoints/latest: ", *parts)
        self.fails(["eval", "tiny.yaml"], "tiny.yaml: not a wane checkpoint")

    def test_overrides_of_an_evaluation(self):
        self.fails(["eval", "run", "a2c.gamma=0.5"], "a2c.gamma (command line)", "world.*")
        self.fails(["eval", "run", "memory.width=32"], "memory.width (command line)")
        self.fails(["eval", "run", "world.name=portal"], "world.name (command line)")
        self.fails(["eval", "run", "world.lenght=[3, 9]"], "world.lenght (command line)", "world.length?")
        self.fails(["eval", "run", "world.length=[9, 3]"], "world.length = [9, 3] (command line)")
        for words in ("0", "0=", "=2", "0=2,", "x=1", "0=-1"):
            self.fails(["eval", "run", "--erase", words], "--erase " + words, "CELL=CODE")
        self.fails(["eval", "run", "--erase", "9=1"], "cells 0..4, not 9")
        self.fails(["eval", "run", "--all-but-last"], "--erase CELL=CODE")
        self.fails(["eval", "run", "--erase", "0=99"], "codes are 0..", "not 99")
        self.assertRegex(self.succeeds("eval", "run", "--episodes", 4, "--erase", "0=2,3"),
                         "erased at once: [1-9][0-9]* slots of steps that saw 0=2,3")
        self.assertIn("erased but for the last: 0 slots of steps that saw 0=2,3",  # a corridor shows one cue
                      self.succeeds("eval", "run", "--episodes", 4, "--erase", "0=2,3", "--all-but-last"))
        self.assertIn("whatever they hold", self.succeeds("eval", "run", "--episodes", 4, "--shuffle-lives"))
        self.fails(["eval", "run", "expire_span.cots=1"], "expire_span.cots (command line)", "expire_span.cost?")

    def test_networks_of_another_size(self):
        for word in ("memory.width=32", "memory.layers=2", "network.previous=action"):
            self.fails(["bench", "train", "run", word], word.split("=")[0] + ":", "network")
        self.fails(["bench", "train", "run", "memory.null_slot=false"], "network")
        self.fails(["bench", "train", "run", "train.envs=3"], "environments")
        self.fails(["bench", "train", "run", "optimiser.kind=rmsprop"], "optimiser")
        pathlib.Path("portal.yaml").write_text(TINY.replace("corridor", "portal").replace("length: [3, 8]", "rooms: 4"))
        self.succeeds("train", "portal.yaml", "--run-dir", "portal", "--stop-at", 512)
        self.succeeds("eval", "portal", "--episodes", 4, "world.rooms=4", "world.mistakes=0")
        self.fails(["eval", "portal", "world.rooms=6"], "world.rooms:", "network")

    def test_folders_in_the_way(self):
        self.fails(["train", "tiny.yaml", "--run-dir", "run"], "run: ", "--resume")
        self.fails(["train", "tiny.yaml", "--run-dir", "tiny.yaml/run"], "tiny.yaml/run: ")
        self.fails(["train", "tiny.yaml", "--resume", "run"], "tiny.yaml")

    def test_a_foreign_log(self):
        pathlib.Path("run/progress.csv").write_text("something,else\n1,2\n")
        self.fails(["train", "--resume", "run"], "run/progress.csv:1")


main()
