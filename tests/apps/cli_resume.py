"""A run that was stopped, interrupted or killed, and resumed, equals the run that was not."""
import pathlib
import re
import resource
import shutil
import signal

from cli_wane import Case, finish, frames, main, rows, start, wait_for


class Resume(Case):
    def setUp(self):
        super().setUp()
        self.succeeds("train", "tiny.yaml", "--run-dir", "whole")

    def test_stopped_at_a_checkpoint(self):
        out = self.succeeds("train", "tiny.yaml", "--run-dir", "run", "--stop-at", 6144)
        self.assertRegex(out, r"Stopped .*at 6144 frames\. Next: \./wane train --resume run\n\Z")
        self.assertEqual(frames("run"), 6144)
        out = self.succeeds("train", "--resume", "run")
        self.assertIn("Resuming run", out)
        self.assertNotIn("not bit-equal", out)
        self.same_run("run", "whole")
        self.assertEqual(len(list(pathlib.Path("run").glob("events.out.tfevents.*"))), 2)
        self.assertEqual(len(list(pathlib.Path("whole").glob("events.out.tfevents.*"))), 1)

    def test_stopped_between_rows_and_twice(self):
        self.succeeds("train", "tiny.yaml", "--run-dir", "run", "--stop-at", 1400)
        self.succeeds("train", "--resume", "run", "--stop-at", 7300)
        self.assertEqual(frames("run"), 7168)
        self.succeeds("train", "--resume", "run")
        self.same_run("run", "whole")

    def test_longer_than_first_asked(self):
        self.succeeds("train", "tiny.yaml", "train.frames=4096", "--run-dir", "run")
        self.succeeds("train", "--resume", "run", "train.frames=12288")
        for early in ("4096", "best"):  # they hold their settings, train.frames among them
            for run in ("run", "whole"):
                pathlib.Path(run, "checkpoints", early).unlink()
        self.same_run("run", "whole")
        self.assertEqual(pathlib.Path("run/config.yaml").read_bytes(), pathlib.Path("whole/config.yaml").read_bytes())

    def test_interrupted(self):
        for by, run in ((signal.SIGINT, "a"), (signal.SIGTERM, "b")):
            process = start("train", "tiny.yaml", "--run-dir", run)
            wait_for(lambda: frames(run) >= 2048, process)
            process.send_signal(by)
            done = finish(process)
            self.assertEqual((done.returncode, done.stderr), (130, ""))
            said = re.search(rf"Interrupted.* at (\d+) frames\. Next: \./wane train --resume {run}\n\Z", done.stdout)
            self.assertTrue(said, done.stdout)
            self.assertLess(int(said[1]), 12288)
            self.assertEqual(int(said[1]) % 256, 0)
            self.succeeds("train", "--resume", run)
            self.same_run(run, "whole")

    def test_one_process_at_a_time(self):
        process = start("train", "tiny.yaml", "train.frames=100000000", "--run-dir", "run")
        wait_for(lambda: frames("run") >= 2048, process)
        self.fails(["train", "--resume", "run"], "run: another process is training this run")
        process.kill()  # whoever is killed holds nothing any more
        process.communicate()
        self.succeeds("train", "--resume", "run", f"train.frames={frames('run') + 1024}")

    def test_rows_newer_than_the_checkpoint_are_cut(self):
        process = start("train", "tiny.yaml", "log.checkpoint_every=1000000", "eval.every=4096", "--run-dir", "run")
        wait_for(lambda: frames("run") >= 3072, process)
        process.kill()
        finish(process)
        self.assertGreaterEqual(len(rows("run")), 3)
        with open("run/progress.csv", "a") as file:
            file.write("4096,0.5,")  # and a row was being written
        self.succeeds("train", "--resume", "run", "log.checkpoint_every=2048")  # from the checkpoint at frame 0
        self.same_run("run", "whole")

    def test_only_frames_logging_and_checkpoints_may_change(self):
        self.succeeds("train", "tiny.yaml", "--run-dir", "run", "--stop-at", 2048)
        config = pathlib.Path("run/config.yaml").read_bytes()
        for word in ("a2c.gamma=0.5", "train.envs=8", "world.length=[3, 9]", "memory.layers=2",
                     "optimiser.kind=rmsprop", "eval.episodes=8", "expire_span.cost=0.5", "world.step_reward=-0.5"):
            self.fails(["train", "--resume", "run", word], word.split("=")[0] + ":", "resumed")
        self.fails(["train", "--resume", "run", "--seed", "2"], "train.seed:", "resumed")
        self.assertEqual(pathlib.Path("run/config.yaml").read_bytes(), config)
        edited = config.replace(b"gamma: 0.99", b"gamma: 0.98")
        self.assertNotEqual(edited, config)
        pathlib.Path("run/config.yaml").write_bytes(edited)
        self.fails(["train", "--resume", "run"], "a2c.gamma:", "resumed")
        pathlib.Path("run/config.yaml").write_bytes(config)
        self.succeeds("train", "--resume", "run", "train.frames=4096", "log.every=512", "log.checkpoint_every=512",
                      "log.keep_every=512", "train.stop.success=0")
        self.assertEqual([row[0] for row in rows("run")[-4:]], ["2560", "3072", "3584", "4096"])

    def test_a_finished_run_has_nothing_to_do(self):
        shutil.copytree("whole", "again")
        self.succeeds("train", "--resume", "again")
        self.same_run("again", "whole")

    def test_a_full_disk(self):
        self.succeeds("train", "tiny.yaml", "--run-dir", "run", "--stop-at", 2048)
        latest = pathlib.Path("run/checkpoints/latest")
        before = latest.read_bytes()
        for limit, file in ((len(before) // 2, "checkpoints/"), (1000, "config.yaml")):
            def little():
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            self.fails(["train", "--resume", "run"], "run/" + file, "cannot write: File too large", preexec_fn=little)
            self.assertEqual(self.leftovers(), [])
            self.assertTrue(latest.read_bytes() == before, "checkpoints/latest changed")
            self.succeeds("eval", "run", "--episodes", 4)
        self.succeeds("train", "--resume", "run")
        self.same_run("run", "whole")


main()
