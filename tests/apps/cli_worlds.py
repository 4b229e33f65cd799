"""Worlds from the command line: check, play, bench worlds, new-world, and plug-ins built against the installed package.
Called as: python3 cli_worlds.py WANE BUILD_FOLDER"""
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv.pop(2)).resolve()
HERE = pathlib.Path(__file__).resolve().parent

from cli_wane import WANE, wane  # noqa: E402: it takes its own word from sys.argv

# name -> a shared library's source that must be refused, and what the message says.
BROKEN = {
    "no_entry": ("int nothing;", "exports no `wane_plugin_v1`"),
    "null": ("#include \"envs/wane_world.h\"\nconst WaneWorldV1* wane_plugin_v1(void) { return 0; }", "gave no table"),
    "future": ("#include \"envs/wane_world.h\"\nconst WaneWorldV1* wane_plugin_v1(void) {"
               " static WaneWorldV1 t = {sizeof t, 99}; return &t; }", "version 99"),
    "short": ("#include \"envs/wane_world.h\"\nconst WaneWorldV1* wane_plugin_v1(void) {"
              " static WaneWorldV1 t = {16, WANE_WORLD_VERSION}; return &t; }", "rebuild it against this wane"),
    "no_functions": ("#include \"envs/wane_world.h\"\nconst WaneWorldV1* wane_plugin_v1(void) {"
                     " static WaneWorldV1 t = {sizeof t, WANE_WORLD_VERSION, \"empty\", \"s\", \"p\"}; return &t; }",
                     "functions is missing"),
    "no_id": ("#include \"envs/wane_world.h\"\nconst WaneWorldV1* wane_plugin_v1(void) {"
              " static WaneWorldV1 t = {sizeof t, WANE_WORLD_VERSION, \"No Id\"}; return &t; }", "its id is not"),
    "unresolved": ("int somewhere_else(void); int wane_plugin_v1(void) { return somewhere_else(); }",
                   "somewhere_else"),
    "throwing": ("#include <stdexcept>\n"
                 "extern \"C\" void* wane_plugin_v1() { throw std::runtime_error(\"not today\"); }",
                 "threw: not today"),
}


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=240, **options)
    if done.returncode:
        raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
    return done.stdout


class Worlds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.here = pathlib.Path(cls.folder.name)
        cls.installed = cls.here / "installed"
        run("cmake", "--install", BUILD, "--prefix", cls.installed, "--component", "world")
        cls.headers = cls.installed / "include" / "wane"
        # The example, as `new-world` writes it and as its CMakeLists.txt builds it, from the installed package alone.
        cls.sources = cls.here / "mine"
        cls.said = wane("new-world", "my_coin", cls.sources)
        run("cmake", "-S", cls.sources, "-B", cls.sources / "build", f"-DCMAKE_PREFIX_PATH={cls.installed}",
            "-DCMAKE_BUILD_TYPE=Release")
        run("cmake", "--build", cls.sources / "build")
        cls.plugin = cls.sources / "build" / "libmy_coin.so"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def build(self, name, source, *flags):
        suffix = ".cpp" if "extern \"C\"" in source else ".c"
        path = self.here / (name + suffix)
        path.write_text(source)
        run("c++" if suffix == ".cpp" else "cc", "-shared", "-fPIC", f"-I{self.headers}", *flags, path, "-o",
            self.here / f"{name}.so")
        return self.here / f"{name}.so"

    def test_what_is_installed_needs_std_only(self):
        for header in self.headers.rglob("*.h"):
            for line in header.read_text().splitlines():
                if line.startswith("#include <"):
                    self.assertRegex(line, r"<[a-z]+(_[a-z]+)*(\.h)?>$", header)
                if line.startswith("#include \""):
                    self.assertTrue((self.headers / line.split('"')[1]).exists(), f"{header}: {line}")

    def test_the_template_says_what_comes_next_and_overwrites_nothing(self):
        self.assertEqual(self.said.returncode, 0, self.said.stderr)
        self.assertIn("wane train --plugin", self.said.stdout)
        again = wane("new-world", "my_coin", self.sources)
        self.assertEqual(again.returncode, 2)
        self.assertIn("is there already; nothing was written", again.stderr)
        bad = wane("new-world", "My Coin", self.sources)
        self.assertEqual(bad.returncode, 2)
        self.assertIn("expected a name of a-z", bad.stderr)

    def test_the_example_passes_check_as_it_is(self):
        done = wane("check", "--plugin", self.plugin, "my_coin", "--steps", "100000")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("keeps all", done.stdout)

    def test_a_plugin_is_a_world_like_any_other(self):
        listed = wane("envs", "--plugin", self.plugin)
        self.assertIn("my_coin", listed.stdout)
        page = wane("envs", "my_coin", "--plugin", self.plugin)
        self.assertIn("3 the question", page.stdout)
        rows = json.loads(wane("bench", "worlds", "my_coin", "--plugin", self.plugin, "--envs", "64", "--json").stdout)
        self.assertEqual([row["world"] for row in rows["rows"]], ["my_coin"])

    def test_a_plugin_is_trained_resumed_and_evaluated(self):
        folder = self.here / "run"
        config = self.sources / "my_coin.yaml"
        small = ["world.delay=[1,3]", "train.envs=16", "train.steps=16", "eval.episodes=32", "memory.width=16"]
        done = wane("train", "--plugin", self.plugin, config, "--run-dir", folder, *small, "train.frames=20480",
                    "eval.every=10240")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = wane("train", "--plugin", self.plugin, "--resume", folder, "train.frames=40960")
        self.assertEqual(done.returncode, 0, done.stderr)
        evaluated = wane("eval", folder, "--plugin", self.plugin, "--greedy", "--episodes", "200", "--json")
        self.assertGreater(json.loads(evaluated.stdout)["success"], 0.9)
        without = wane("eval", folder)
        self.assertEqual(without.returncode, 2)
        self.assertIn("my_coin", without.stderr)
        self.assertIn("--plugin", without.stderr)
        out = self.here / "compared"
        done = wane("compare", config, "--plugin", self.plugin, "--memories", "none", "--seeds", "1",
                    "--episodes", "20", *small, "train.frames=20480", "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("my_coin", (out / "report.txt").read_text())

    def test_plain_c_keeps_all_that_a_world_promises(self):
        library = self.here / "die.so"
        run("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC", f"-I{self.headers}",
            HERE / "die.c", "-o", library)
        done = wane("check", "--plugin", library, "die")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_broken_libraries_are_refused_with_the_reason(self):
        for name, (source, reason) in BROKEN.items():
            library = self.build(name, source)
            done = wane("envs", "--plugin", library)
            self.assertEqual(done.returncode, 2, name)
            self.assertIn(str(library), done.stderr)
            self.assertIn(reason, done.stderr, name)
        text = self.here / "text.so"
        text.write_text("no library")
        for path, reason in ((text, "cannot be loaded"), (self.here / "nowhere.so", "no such file")):
            done = wane("envs", "--plugin", path)
            self.assertEqual(done.returncode, 2)
            self.assertIn(reason, done.stderr)

    def test_an_id_that_is_taken_is_refused(self):
        source = (self.sources / "my_coin.cpp").read_text().replace('"my_coin"', '"corridor"')
        library = self.build("taken", source + '\n// extern "C"', "-std=c++20")
        done = wane("envs", "--plugin", library)
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is a world `corridor` already", done.stderr)

    def test_check_tells_the_author_what_is_wrong(self):
        good = (self.sources / "my_coin.cpp").read_text()
        faults = (
            ({"view[0] = static_cast": "view[0] = 9 + static_cast"}, "it showed code"),
            ({"side = rng.uniform(2);": "static int calls = 0; side = ++calls % 2;"}, "depends on lane"),
            ({"return ++t,": "return", "return delay + 1;": "return 1 << 30;"}, "no end after"))
        for number, (changes, reason) in enumerate(faults):
            bad = good
            for old, new in changes.items():
                self.assertIn(old, bad)
                bad = bad.replace(old, new)
            library = self.build(f"fault{number}", bad + '\n// extern "C"', "-std=c++20")
            done = wane("check", "--plugin", library, "my_coin")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("FAILED", done.stdout)
            self.assertIn(reason, done.stdout)

    def test_a_world_that_throws_is_named_with_its_own_words(self):
        good = (self.sources / "my_coin.cpp").read_text()
        bad = good.replace("if (!asked()) return", 'if (t == 1) throw std::runtime_error("the mint is shut");\n'
                           "    if (!asked()) return")
        library = self.build("throws", bad + '\n// extern "C"', "-std=c++20")
        done = wane("check", "--plugin", library, "my_coin")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the mint is shut", done.stdout)
        done = wane("train", "--plugin", library, self.sources / "my_coin.yaml", "--run-dir", self.here / "thrown")
        self.assertEqual(done.returncode, 2)
        self.assertIn("world `my_coin`: the mint is shut", done.stderr)

    def test_check_and_bench_refuse_nonsense(self):
        for words, reason in (
                (("check", "coridor"), "did you mean `corridor`"),
                (("check", "corridor", "world.length=7"), "expected integers [lo, hi]"),
                (("check", "corridor", "a2c.gamma=1"), "expected world.key=value"),
                (("check", "corridor", "portal"), "one world at a time"),
                (("bench", "worlds", "corridor", "world.rooms=3"), "no such setting"),
                (("play", "corridor"), "--terminal"),
                (("play", "world.length=[3,3]", "--terminal"), "which world")):
            done = wane(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(reason, done.stderr, words)

    def test_bench_worlds_gives_a_row_for_each(self):
        done = wane("bench", "worlds", "corridor", "world.length=[3,9]", "--envs", "16,64", "--threads", "1", "--json")
        rows = json.loads(done.stdout)["rows"]
        self.assertEqual([(row["world"], row["envs"], row["threads"]) for row in rows],
                         [("corridor", 16, 1), ("corridor", 64, 1)])
        for row in rows:
            self.assertGreater(row["steps_per_second"], 0)
            self.assertGreater(row["steps_per_cpu_second"], 0)

    def test_bench_worlds_on_a_gpu_or_why_not(self):
        done = wane("bench", "worlds", "corridor", "maze", "--envs", "64", "--device", "cuda", "--json")
        if done.returncode:
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertRegex(done.stderr, "--device cuda: (no |the GPU is|this wane was built without)")
        else:
            for row in json.loads(done.stdout)["rows"]:
                self.assertGreater(row["steps_per_second"], 0)

    def play(self, keys, *words):
        return subprocess.run([WANE, "play", "corridor", "--terminal", "--seed", "3", *map(str, words)], input=keys,
                              capture_output=True, text=True, timeout=60)

    def test_play_takes_keys_and_records_what_was_played(self):
        record = self.here / "episode.txt"
        right, up = "\x1b[C", "\x1b[A"
        done = self.play(right * 2 + "4" + right + up + "q", "world.length=[3,3]", "--record", record)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("over: success", done.stdout)
        text = record.read_text()
        self.assertIn("world corridor\nsettings length=3,3\n", text)
        self.assertEqual([line.split(":")[0] for line in text.splitlines() if line[:1].isdigit()],
                         ["2 east", "2 east", "3 west", "2 east", "0 north"])
        self.assertIn("\nlength 5\n", text)

    def test_play_takes_a_difficulty_and_ignores_function_keys(self):
        record = self.here / "easy.txt"
        done = self.play("\x1b[3~\x1b[15~\x1bOP3q", "--difficulty", "0.25", "world.step_reward=-0.0123456789",
                         "--record", record)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("settings step_reward=-0.0123456789\ndifficulty 0.25\n", record.read_text())
        self.assertIn("\n2 east:", record.read_text())

    def test_two_libraries_with_one_struct_name_are_told_apart_or_refused(self):
        good = (self.sources / "my_coin.cpp").read_text().replace("namespace {", "namespace mine {").replace(
            "}  // namespace\n", "}  // namespace mine\nusing mine::MyCoinWorld;\nusing mine::kPage;\n")
        other = good.replace('"my_coin"', '"other_coin"')
        for flags, code in ((["-fno-gnu-unique"], 0), ([], 2)):
            words = []
            for number, source in enumerate((good, other)):
                library = self.build(f"twin{number}{code}", source + '\n// extern "C"', "-std=c++20", *flags)
                words += ["--plugin", library]
            done = wane("envs", *words)
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertIn("unnamed namespace" if code else "other_coin", done.stdout + done.stderr)

    def test_play_ends_with_its_input_and_with_ctrl_c(self):
        self.assertEqual(self.play("").returncode, 0)
        self.assertEqual(self.play("\x03").returncode, 130)
        seeds = {line.split("episode ")[1].split(",")[0] for line in self.play("nnrq").stdout.splitlines()
                 if ", episode " in line}
        self.assertEqual(len(seeds), 3)

    def test_play_puts_a_real_terminal_back(self):
        import pty
        import termios
        controller, terminal = pty.openpty()
        before = termios.tcgetattr(terminal)
        process = subprocess.Popen([WANE, "play", "corridor", "--terminal"], stdin=terminal, stdout=terminal,
                                   stderr=subprocess.PIPE)
        os.write(controller, b"2")
        os.write(controller, b"q")
        shown = b""
        while b"\x1b[?1049l" not in shown:
            self.assertTrue(select.select([controller], [], [], 30)[0], "the terminal was not put back")
            shown += os.read(controller, 65536)
        self.assertEqual(process.wait(30), 0)
        self.assertIn(b"\x1b[?1049h", shown)
        self.assertIn(b"48;2;", shown)
        self.assertEqual(termios.tcgetattr(terminal), before)
        process.stderr.close()
        os.close(controller)
        os.close(terminal)


if __name__ == "__main__":
    unittest.main()
