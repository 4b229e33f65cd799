"""`wane compare`, from outside: what it writes, what it does not do twice, how it is broken off and goes on."""
import csv
import json
import pathlib
import re
import signal

from cli_wane import Case, finish, main, rows_but_time, start, wait_for

WORDS = ["compare", "tiny.yaml", "--memories", "expire_span,gru,transformer_xl:memory.max_span=16", "--seeds", 2,
         "--episodes", 40, "--out", "out"]


class Compare(Case):
    def test_writes_a_report_of_every_run_and_does_nothing_twice(self):
        out = self.succeeds(*WORDS)
        self.assertEqual(len(re.findall(r"^\d of 6: ", out, re.M)), 6)
        table = pathlib.Path("out/report.txt").read_text()
        self.assertIn(table, out)
        lines = table.splitlines()
        self.assertEqual([line.split()[1] for line in lines[1:]],
                         ["expire_span", "gru", "transformer_xl:memory.max_span=16"])
        self.assertRegex(table, r"(?m)^tiny +expire_span .*\] +[\d.]+ +- ")  # the first differs from itself by nothing
        self.assertRegex(table, r"(?m)^tiny +gru .* [+-]\d\.\d{3} \[[+-]\d\.\d{3}, [+-]\d\.\d{3}\] ")
        for folder in ("expire_span/1", "gru/2", "transformer_xl_memory.max_span=16/1"):
            result = json.loads(pathlib.Path("out/tiny", folder, "result.json").read_text())
            self.assertEqual(result["greedy"]["episodes"], 40)
            self.assertTrue(result["curve"])
            self.assertGreater(result["greedy"]["parameters"], 1000)
            self.assertTrue(result["commit"])
            self.assertEqual("shuffled" in result, folder.startswith("expire_span"))
            with open(f"out/tiny/{folder}/greedy.csv") as file:
                episodes = list(csv.DictReader(file))
            self.assertEqual(len(episodes), 40)
            success = sum(float(row["success"]) for row in episodes) / 40
            self.assertAlmostEqual(success, result["greedy"]["success"])
            self.assertNotIn("train.stop", pathlib.Path("out/tiny", folder, "log.txt").read_text())
        page = pathlib.Path("out/report.html").read_text()
        data = json.loads(re.search(r"const data = (\{.*\});\n", page).group(1))
        self.assertEqual(len(data["runs"]), 6)
        self.assertEqual(len(data["rows"]), 3)
        before = pathlib.Path("out/tiny/gru/1/result.json").stat().st_mtime_ns
        again = self.succeeds(*WORDS)
        self.assertIn("6 of 6 runs are there already", again)
        self.assertIn(table, again)
        self.assertEqual(pathlib.Path("out/tiny/gru/1/result.json").stat().st_mtime_ns, before)

    def test_what_counts_as_solved_may_change(self):
        words = ["compare", "tiny.yaml", "--memories", "none", "--seeds", 1, "--episodes", 8, "--out", "out",
                 "--solved"]
        self.assertIn(" 0 of 1 ", self.succeeds(*words, 1))
        again = self.succeeds(*words, 0)
        self.assertIn("1 of 1 runs are there already", again)
        self.assertIn(" 1 of 1, 0.00 M ", again)

    def test_tries_settings_first_and_goes_on_with_the_best(self):
        words = ["compare", "tiny.yaml", "--memories", "none,gru", "--seeds", 1, "--episodes", 8, "--range",
                 "optimiser.learning_rate=[1e-4,1e-2]", "--range", "train.steps=8|16", "train.frames=4096",
                 "--out", "out", "--tune"]
        out = self.succeeds(*words, 3)
        self.assertEqual(len(re.findall(r"^\d+ of 12: ", out, re.M)), 12)
        self.assertIn(", gru, draw 2, seed 1000001: ", out)
        report = pathlib.Path("out/report.txt").read_text()
        self.assertIn("Tuned within optimiser.learning_rate=[1e-4,1e-2], train.steps=8|16:", report)
        for memory in ("none", "gru"):
            folder = pathlib.Path("out/tiny", memory)
            tuning = json.loads((folder / "tuning.json").read_text())
            trials = tuning["trials"]
            self.assertEqual([len(trial["settings"]) for trial in trials], [0, 2, 2])
            means = [sum(trial["successes"]) for trial in trials]
            best = [trial["settings"] for trial in trials].index(tuning["best"])
            self.assertEqual(means[best], max(means))
            result = json.loads((folder / "tuning" / str(best) / "1" / "result.json").read_text())
            self.assertEqual(result["overrides"][-2 - len(tuning["best"]):-2], tuning["best"])
            self.assertIn("sampled", result)
            trial = json.loads((folder / "tuning" / "1" / "1000001" / "result.json").read_text())
            self.assertEqual(trial["greedy"]["success"], trials[1]["successes"][0])
            self.assertNotIn("sampled", trial)
        self.assertIn("12 of 12 runs are there already", self.succeeds(*words, 3))
        self.assertIn("12 of 16 runs are there already", self.succeeds(*words, 4))  # goes on from where it was
        self.fails([*words[:8], "--tune", 2, "--range", "a2c.gamma=[2,7]", "--out", "other"], "a2c.gamma = ")
        self.fails([*words[:8], "--tune", 2, "--range", "world.lenght=[2,7]", "--out", "other"], "world.lenght")
        self.fails([*words[:8], "--tune", 2, "--out", "other"], "--range")
        self.fails([*words[:8], "--range", "a2c.gamma=[0,1]", "--out", "other"], "--tune")
        self.assertFalse(pathlib.Path("other").exists())

    def test_other_settings_are_not_mixed_in(self):
        words = ["compare", "tiny.yaml", "--memories", "none", "--seeds", 1, "--episodes", 8, "--out", "out"]
        self.succeeds(*words)
        self.fails([*words, "a2c.gamma=0.9"], "holds a run with other settings")

    def test_broken_off_it_goes_on_to_the_same_runs(self):
        words = ["compare", "tiny.yaml", "--memories", "expire_span", "--seeds", 1, "--episodes", 8,
                 "train.frames=60000"]
        self.succeeds(*words, "--out", "whole")
        process = start(*words, "--out", "broken", start_new_session=True)
        latest = pathlib.Path("broken/tiny/expire_span/1/progress.csv")
        wait_for(lambda: latest.exists() and latest.read_text().count("\n") > 6, process)
        import os
        os.killpg(process.pid, signal.SIGINT)
        self.assertNotEqual(finish(process).returncode, 0)
        self.assertFalse(pathlib.Path("broken/tiny/expire_span/1/result.json").exists())
        self.succeeds(*words, "--out", "broken")
        self.assertEqual(rows_but_time("broken/tiny/expire_span/1"), rows_but_time("whole/tiny/expire_span/1"))

    def test_says_what_is_wrong(self):
        self.fails(["compare", "nowhere.yaml", "--out", "out"], "nowhere.yaml")
        self.fails(["compare", "tiny.yaml", "--memories", "rnn", "--out", "out"], "memory.kind = rnn")
        self.fails(["compare", "tiny.yaml", "--memories", "expire_span:memory.heads=2,memory.layers=2", "--out", "out"],
                   "--memories memory.layers=2: ", "colons")
        self.fails(["compare", "memory.width=8"], "which configs?")
        self.fails(["compare", "tiny.yaml", "--memories", "none,none", "--out", "out"], "--memories none: named twice")
        self.fails(["compare", "tiny.yaml", "other/tiny.yaml", "--out", "out"], "other/tiny.yaml: a config of")
        self.assertFalse(pathlib.Path("out").exists())


main()
