"""kill -9 at 20 random moments: after each the latest checkpoint loads, and in the end nothing was lost but time."""
import json
import pathlib
import random
import subprocess
import time

from cli_wane import Case, finish, frames, main, start, wait_for

# Something is written after every block, so that the moments hit writes.
BUSY = ["train.frames=10000000", "log.every=256", "log.checkpoint_every=256", "log.keep_every=4096",
        "eval.every=1024", "eval.episodes=8"]


class Kill(Case):
    def test_twenty_times(self):
        draw = random.Random(20)
        process = start("train", "tiny.yaml", *BUSY, "--run-dir", "run")
        wait_for(lambda: pathlib.Path("run/config.yaml").exists(), process)
        in_training = 0
        for moment in range(20):
            # Half of the moments lie in the beginning, of whatever length it is here; the others in training.
            if moment % 2:
                old = frames("run")
                wait_for(lambda: frames("run") > old, process)
                in_training += 1
            time.sleep(draw.uniform(0, 0.4))
            self.assertIsNone(process.poll(), "it ended by itself")
            process.kill()
            self.assertEqual(finish(process).returncode, -9)
            evaluated = json.loads(self.succeeds("eval", "run", "--episodes", 2, "--json"))
            self.assertEqual(evaluated["episodes"], 2)
            self.assertLessEqual(len(self.leftovers()), 3, "temporary files pile up")
            process = start("train", "--resume", "run")
        process.kill()
        finish(process)
        self.assertEqual(in_training, 10)
        end = frames("run") + 1024
        self.succeeds("train", "--resume", "run", "--stop-at", end)
        self.assertEqual(self.leftovers(), [])
        self.succeeds("train", "tiny.yaml", *BUSY, "--run-dir", "whole", "--stop-at", end)
        self.same_run("run", "whole")


main()
