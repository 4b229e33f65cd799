"""What the commands print and write when all is well."""
import json
import os
import pathlib
import re

from cli_wane import ESCAPE, Case, main, rows, wane

# The names that users of Stable-Baselines3 know, and ours.
COLUMNS = ["time/total_timesteps", "time/fps", "rollout/ep_rew_mean", "rollout/ep_len_mean", "rollout/success_rate",
           "train/policy_loss", "train/value_loss", "train/entropy_loss", "train/explained_variance",
           "train/learning_rate", "eval/mean_reward", "eval/success_rate"]
OF_A_LAYER = ["live_slots_mean", "live_slots_max", "span_mean", "span_max", "ramp_share", "bytes", "dropped_per_step"]


class Train(Case):
    def test_run_folder(self):
        out = self.succeeds("train", "tiny.yaml", "memory.layers=2", "--seed", 7)
        self.assertIsNone(ESCAPE.search(out), "escape codes outside a terminal")
        (name,) = os.listdir("runs")
        self.assertRegex(name, r"\Acorridor__expire_span__7__\d{8}-\d{6}\Z")
        run = pathlib.Path("runs") / name
        self.assertTrue(out.startswith(f"runs/{name}: corridor with expire_span memory, seed 7\n"), out)
        self.assertTrue(out.endswith(f"Next: ./wane eval runs/{name}\n"), out)
        self.assertRegex(out, r"\n16 fresh episodes.*: success [\d.]+ % greedy, [\d.]+ % sampled\n")
        self.assertRegex(out, r"layer 1: [\d.]+ live slots per environment")
        self.assertEqual(sorted(os.listdir(run / "checkpoints")), ["12288", "4096", "8192", "best", "latest"])
        self.assertEqual(len(list(run.glob("events.out.tfevents.*"))), 1)
        self.assertEqual(len(os.listdir(run)), 4)

        header, *table = rows(run)
        for column in COLUMNS + [f"memory/layer{n}/{what}" for n in (0, 1) for what in OF_A_LAYER]:
            self.assertIn(column, header)
        self.assertEqual([int(row[0]) for row in table], list(range(1024, 12289, 1024)))
        self.assertRegex(out, r"(?m)^8 % +1,024 of 12,288 frames ")
        lines = [line for line in out.splitlines() if "frames/s" in line]
        self.assertEqual(len(lines), len(table))
        for name in ("eval/success_rate", "eval/mean_reward", "eval/layer1/live_slots_mean"):
            at = header.index(name)
            evaluated = [row[0] for row in table if row[at]]
            self.assertEqual(evaluated, ["4096", "8192", "12288"], name)
        self.assertTrue(all(float(row[header.index("time/fps")]) > 0 for row in table))
        self.assertTrue(all(float(row[header.index("memory/layer0/live_slots_mean")]) >= 1 for row in table))

    def test_stops_when_the_evaluation_says_so(self):
        out = self.succeeds("train", "tiny.yaml", "--run-dir", "run", "train.stop.success=0.000001",
                            "train.frames=200000", "memory.kind=transformer_xl", "world.length=[2, 3]",
                            "optimiser.learning_rate=0.003")
        self.assertIn("train.stop holds", out)
        header, *table = rows("run")
        success = [row[header.index("eval/success_rate")] for row in table]
        judged = [float(value) for value in success if value]
        self.assertGreater(judged[-1], 0)
        self.assertTrue(all(value == 0 for value in judged[:-1]), judged)
        self.assertNotEqual(success[-1], "")
        self.assertIn('"episodes":4', self.succeeds("eval", "run", "--episodes", 4, "--json"))

    def test_says_why_spans_were_not_taught(self):
        def said(*words):
            out = self.succeeds("train", "tiny.yaml", "train.frames=4096", *words)
            return [line for line in out.splitlines() if line.startswith("Spans were not taught")]
        self.assertEqual(said(), [])
        self.assertEqual(said("memory.kind=transformer_xl", "expire_span.open_at=1"), [])
        (line,) = said("expire_span.open_at=1")
        self.assertIn("open_at=1", line)
        self.assertEqual(said("expire_span.open_at=1", "expire_span.gate=false"), [])
        self.assertEqual(said("expire_span.learn=gradient", "expire_span.first_span=3"), [])
        (line,) = said("expire_span.learn=gradient", "expire_span.first_span=500", "memory.max_span=1000")
        self.assertIn("none ever was", line)

    def test_same_seed_same_run(self):
        for seed, run in ((3, "a"), (3, "b"), (4, "c")):
            self.succeeds("train", "tiny.yaml", "train.frames=2048", "--seed", seed, "--run-dir", run)
        self.same_run("a", "b")
        self.assertNotEqual(*(pathlib.Path(run, "checkpoints/latest").read_bytes() for run in "ac"))


class Eval(Case):
    def setUp(self):
        super().setUp()
        self.succeeds("train", "tiny.yaml", "--run-dir", "run", "--stop-at", 4096)

    def json(self, *words):
        return json.loads(self.succeeds("eval", "run", "--json", *words))

    def test_json(self):
        found = self.json("--episodes", 37)
        self.assertLessEqual({"episodes", "success", "full_success", "success_by_length", "return_mean", "length_mean",
                              "layers"}, set(found))
        self.assertEqual(found["episodes"], 37)
        self.assertEqual(sum(entry["episodes"] for entry in found["success_by_length"]), 37)
        self.assertTrue(all(3 <= entry["least"] <= entry["most"] <= 8 for entry in found["success_by_length"]))
        self.assertEqual(len(found["layers"]), 1)
        layer = found["layers"][0]
        self.assertLessEqual({"live_slots_mean", "live_slots_max", "span_mean"}, set(layer))
        self.assertTrue(1 <= layer["live_slots_mean"] <= layer["live_slots_max"])
        # Hidden vector, key and value of each live slot: 16 numbers of float32.
        self.assertGreaterEqual(layer["bytes_max"], layer["live_slots_mean"] * 3 * 16 * 4)
        self.assertTrue(0 <= found["success"] <= 1)
        self.assertAlmostEqual(found["success"] * 37, round(found["success"] * 37), 9)

    def test_seeds_and_policies(self):
        def found(run, *words):
            return self.succeeds("eval", run, "--json", "--episodes", 40, "--seed", *words)
        first = found("run", 5)
        self.assertEqual(found("run", 5), first)
        self.assertEqual(found("run/checkpoints/latest", 5), first)
        self.assertNotEqual(found("run", 6), first)
        self.assertNotEqual(found("run", 5, "--greedy"), first)

    def test_overrides(self):
        found = self.json("--episodes", 20, "world.length=[20, 21]")
        self.assertTrue(all(20 <= entry["least"] <= entry["most"] <= 21 for entry in found["success_by_length"]))
        kept = self.json("--episodes", 20, "expire_span.keep_at_top=true", "world.length=[20, 21]")
        self.assertEqual(kept["episodes"], 20)

    def test_table(self):
        out = self.succeeds("eval", "run", "--episodes", 20)
        for part in ("corridor with expire_span memory", "4096 frames", "20 fresh episodes", "sampled", "seed 0"):
            self.assertIn(part, out)
        self.assertIsNone(ESCAPE.search(out))


class Others(Case):
    def test_config_fed_back(self):
        out = self.succeeds("config", "tiny.yaml", "a2c.gamma=0.123", "world.step_reward=-0.1")
        self.assertIn("gamma: 0.123", out)
        self.assertRegex(out, r"gamma: 0\.123 +# .*0\.\.1")
        pathlib.Path("resolved.yaml").write_text(out)
        self.assertEqual(self.succeeds("config", "resolved.yaml"), out)
        self.succeeds("train", "resolved.yaml", "train.frames=256", "--run-dir", "run")
        written = pathlib.Path("run/config.yaml").read_text()
        self.assertEqual(written.replace("frames: 256 ", "frames: 12288 ").split(), out.split())
        # a world's settings too, those that are not written included
        self.assertRegex(out, r"wrong_reward: 0 +# .*-10\.\.1 reward")
        self.assertIn("step_reward: -0.02 ", self.succeeds("config", "tiny.yaml"))
        self.fails(["config", "tiny.yaml", "world.lenght=[2, 3]"], "world.length?")

    def test_a_folder_with_an_equals_sign(self):
        self.succeeds("train", "tiny.yaml", "train.frames=256", "--run-dir", "lr=0.1")
        self.assertIn("success", self.succeeds("record", "lr=0.1", "--out", "a.html"))
        out = self.succeeds("train", "--resume", "lr=0.1")
        self.assertIn("Nothing was left to do: 256 of train.frames=256 are done", out)
        self.fails(["train", "--resume", "lr=0.1", "--run-dir", "b"], "--run-dir")

    def test_envs(self):
        out = self.succeeds("envs")
        for world in ("corridor", "portal"):
            self.assertRegex(out, rf"(?m)^{world} ")
        self.assertIn("step_reward", self.succeeds("envs", "corridor"))
        self.assertIn("rooms", self.succeeds("envs", "portal"))
        self.fails(["envs", "coridor"], "did you mean `corridor`?")

    def test_bench(self):
        found = json.loads(self.succeeds("bench", "train", "tiny.yaml", "--json", "--frames", 2048))
        self.assertGreater(found["frames_per_second"], 0)
        self.assertGreaterEqual(found["frames"], 2048)
        self.assertIn("frames/s", self.succeeds("bench", "train", "tiny.yaml", "--frames", 512))
        self.assertEqual(sorted(os.listdir()), ["tiny.yaml"], "a measurement writes nothing")

    def test_version(self):
        self.assertTrue(re.fullmatch(r"wane \d+\.\d+\.\d+\n", self.succeeds("--version")))


main()
