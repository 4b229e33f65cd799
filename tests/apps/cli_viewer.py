"""`wane record` and `wane watch`, from outside: files that other programs read, and the window on a virtual display."""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import time
import unittest

from cli_wane import WANE, Case, finish, main, rows_but_time, start, wait_for, wane

LONG = "world.length=[180,180]"
HAS_WINDOW = "built without its viewer" not in wane("record", "--demo", "--out", os.devnull + ".png").stderr
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def png_size(path):
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", data[:8]
    return struct.unpack(">II", data[16:24])


def png_rows(path):
    """The rows of a picture as bytes, three a pixel."""
    import zlib
    data, at, packed = pathlib.Path(path).read_bytes(), 8, b""
    width, height = png_size(path)
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    raw, out, before = zlib.decompress(packed), [], bytes(3 * width)
    for y in range(height):
        kind, line = raw[y * (3 * width + 1)], bytearray(raw[y * (3 * width + 1) + 1:(y + 1) * (3 * width + 1)])
        for i in range(3 * width):
            a, b, c = line[i - 3] if i >= 3 else 0, before[i], before[i - 3] if i >= 3 else 0
            if kind == 4:
                p = a + b - c
                near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[i] = line[i] + (0, a, b, (a + b) // 2, near if kind == 4 else 0)[kind] & 255
        before = bytes(line)
        out.append(before)
    return out


class Html(Case):
    def test_holds_the_episode_and_what_if(self):
        out = self.succeeds("record", "--demo", LONG, "--episode", 1, "--out", "a.html")
        self.assertRegex(out, r"180 steps, success 1; with its deciding memory erased at step 90: success 0")
        page = pathlib.Path("a.html").read_text()
        self.assertLess(len(page), 2_000_000)
        data = json.loads(re.search(r"const data = (\{.*\});\n", page).group(1))
        kept, erased = data["runs"]
        self.assertEqual(len(kept), 181)
        births = [slot[0] for slot in kept[179]["m"][0]]
        self.assertEqual(births[0], 0)
        self.assertNotIn(0, [slot[0] for slot in erased[179]["m"][0]])
        self.assertIn(0, [slot[0] for slot in erased[89]["m"][0]])
        self.assertNotEqual(kept[179]["a"], erased[179]["a"])

    @unittest.skipUnless(CHROMIUM, "no Chromium on this machine")
    def test_runs_in_a_browser(self):
        self.succeeds("record", "--demo", LONG, "--episode", 1, "--out", "a.html")
        for hash, run in (("#step=120", "0"), ("#step=120&erased", "1")):
            page = subprocess.run([CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom",
                                   f"--user-data-dir={os.getcwd()}/chromium",
                                   pathlib.Path("a.html").absolute().as_uri() + hash],
                                  capture_output=True, text=True, timeout=120).stdout
            self.assertIn('data-step="120"', page)
            self.assertIn(f'data-run="{run}"', page)
            self.assertRegex(page, r"Memory: [5-8] live slots" if run == "0" else r"Memory: [4-7] live slots")


class Faults(Case):
    def test_say_what_is_wrong(self):
        for words, said in ((["--out", "a.html"], "which run"),
                            (["--demo", "--out", "a.bmp"], ".html, .gif, .mp4 or .png"),
                            (["nowhere", "--out", "a.html"], "nowhere"),
                            (["--demo", "other", "--out", "a.html"], "one run"),
                            (["--demo", "memory.width=8", "--out", "a.html"], "memory.width")):
            self.fails(["record", *words], said)


class Terminal(Case):
    def keys(self, keys, *words):
        return subprocess.run([WANE, "watch", "--demo", LONG, "--episode", "1", "--terminal", *words], input=keys,
                              capture_output=True, text=True, timeout=60)

    def test_keys_change_what_is_printed(self):
        end, left, tab = "\x1b[F", "\x1b[D", "\t"
        done = self.keys(end + left + "q")
        self.assertEqual(done.returncode, 0, done.stderr)
        frames = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).split("corridor, expire_span, ")[1:]
        self.assertIn("step 0 ", frames[0])
        self.assertIn("step 179 of 180", frames[-1])
        self.assertRegex(frames[-1], r"\n +0 +\d+ left \d\.\d\d █{40}")
        done = self.keys("\x1b[1;2C" * 9 + tab + "x" + end + left + "q")
        last = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).split("corridor, expire_span, ")[-1]
        self.assertIn("what if: without the slot of step 0", last)
        self.assertNotRegex(last, r"\n +0 +\d+ left")
        self.assertIn("(was ", last)

    def test_ends_with_its_input_and_with_ctrl_c(self):
        self.assertEqual(self.keys("").returncode, 0)
        self.assertEqual(self.keys("\x03").returncode, 130)


class Plugin(Case):
    def test_is_asked_for_its_world(self):
        self.fails(["watch", "--terminal", "--demo", "--plugin", "nowhere.so"], "nowhere.so")
        self.fails(["record", "--out", "a.html", "--demo", "--plugin", "nowhere.so"], "nowhere.so")


@unittest.skipUnless(HAS_WINDOW, "built without the viewer")
class Pictures(Case):
    def test_png_of_any_size(self):
        for width, height in ((1280, 720), (1920, 1080)):
            self.succeeds("record", "--demo", LONG, "--out", "a.png", "--step", 90, "--width", width, "--height",
                          height)
            self.assertEqual(png_size("a.png"), (width, height))

    def test_the_old_bar_goes_when_it_is_erased(self):
        """The cue's bar is one row of colour from the panel's left edge; without it that column is empty."""
        columns = {}
        for name, words in (("kept", []), ("erased", ["--erase-at", 60])):
            self.succeeds("record", "--demo", LONG, "--episode", 1, "--out", "a.png", "--step", 120, *words)
            rows = png_rows("a.png")
            columns[name] = {row[3 * 300:3 * 301] for row in rows[335:550]}  # in the memory panel
        self.assertEqual(len(columns["erased"]), 1, "the panel's ground alone")
        self.assertGreater(len(columns["kept"]), 1)

    def test_gif_has_a_frame_for_every_step(self):
        out = self.succeeds("record", "--demo", "world.length=[30,30]", "--out", "a.gif", "--width", 640, "--height",
                            360)
        self.assertRegex(out, r"31 frames")
        data = pathlib.Path("a.gif").read_bytes()
        self.assertEqual(data[:6], b"GIF89a")
        self.assertEqual(struct.unpack("<HH", data[6:10]), (640, 360))
        self.assertEqual(data.count(b"\x21\xf9\x04"), 31)
        self.assertIn(b"NETSCAPE2.0", data)

    def test_mp4_holds_the_film(self):
        done = wane("record", "--demo", "world.length=[30,30]", "--out", "a.mp4", "--width", 641, "--height", 360)
        if "built without films" in done.stderr:
            self.skipTest("built without ffmpeg's libraries")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("31 frames", done.stdout)
        data = pathlib.Path("a.mp4").read_bytes()
        self.assertEqual(data[4:8], b"ftyp")
        sizes = data.index(b"stsz") + 4  # version and flags, size of all or 0, how many
        self.assertEqual(struct.unpack(">III", data[sizes:sizes + 12])[2], 31 + 17, "the last is shown for 1.5 s")
        head = data.index(b"tkhd") - 4
        size = struct.unpack(">I", data[head:head + 4])[0]
        width, height = struct.unpack(">II", data[head + size - 8:head + size])
        self.assertEqual((width >> 16, height >> 16), (640, 360))
        self.fails(["record", "--demo", "--out", "nowhere/a.mp4"], "nowhere/a.mp4")

    def test_without_a_display_watch_says_so(self):
        environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        done = finish(start("watch", "--demo", env={**environment, "SDL_VIDEODRIVER": "x11"}))
        self.assertEqual(done.returncode, 2)
        self.assertIn("no window can be opened here", done.stderr)
        done = finish(start("train", "tiny.yaml", "--watch", env={**environment, "SDL_VIDEODRIVER": "x11"}))
        self.assertEqual(done.returncode, 2)
        self.assertIn("no window can be opened here", done.stderr)
        self.assertFalse(pathlib.Path("runs").exists())


@unittest.skipUnless(HAS_WINDOW and shutil.which("Xvfb") and shutil.which("xdotool"), "no viewer, Xvfb or xdotool")
class Window(Case):
    def setUp(self):
        super().setUp()
        read, write = os.pipe()
        self.server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x720x24", "-nolisten",
                                        "tcp", "-noreset"], pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            display = pipe.readline().strip()
        self.environment = {**os.environ, "DISPLAY": ":" + display, "SDL_VIDEODRIVER": "x11",
                            "SDL_RENDER_DRIVER": "software", "XDG_CONFIG_HOME": os.getcwd()}

    def tearDown(self):
        self.server.kill()
        self.server.wait()
        super().tearDown()

    def press(self, *keys):
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], env=self.environment, check=True)

    def shot(self, process, step):
        path = pathlib.Path(f"wane-{step}.png")
        path.unlink(missing_ok=True)
        end = time.monotonic() + 20
        while not path.exists():  # keys pressed before the window is up are lost
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), end, "no picture")
            self.press("s")
            time.sleep(0.3)
        time.sleep(0.2)
        self.assertEqual(png_size(path), (1280, 720))
        return png_rows(path)

    def test_keys_do_what_the_help_says(self):
        process = start("watch", "--demo", LONG, "--episode", 1, env=self.environment)
        self.shot(process, 0)
        self.press("End", "Left")
        kept = self.shot(process, 179)
        self.press("Home", *["shift+Right"] * 9)
        before = self.shot(process, 90)
        self.press("Tab", "Delete")
        self.press("End", "Left")
        erased = self.shot(process, 179)
        mind = slice(45, 140), slice(3 * 725, 3 * 920)  # the bars of the four actions
        bars = lambda picture: [row[mind[1]] for row in picture[mind[0]]]
        self.assertNotEqual(bars(kept), bars(erased), "the policy at the doors")
        cue = lambda picture: {row[3 * 300:3 * 301] for row in picture[335:550]}
        self.assertGreater(len(cue(before)), 1)
        self.assertEqual(len(cue(erased)), 1, "the cue's bar is gone")
        self.press("b")
        self.assertEqual(bars(self.shot(process, 179)), bars(kept), "back to the recorded run")
        self.press("q")
        self.assertEqual(finish(process).returncode, 0)

    def test_a_click_on_the_old_bar_shows_the_first_frame(self):
        process = start("watch", "--demo", LONG, "--episode", 1, env=self.environment)
        self.shot(process, 0)
        self.press("Home", *["shift+Right"] * 9)
        before = self.shot(process, 90)
        rows = [y for y in range(335, 550) if before[y][3 * 100:3 * 101] != before[334][3 * 100:3 * 101]]
        self.assertTrue(rows, "a bar that begins at the episode's start")
        subprocess.run(["xdotool", "mousemove", "100", str(rows[len(rows) // 2]), "click", "1"], env=self.environment,
                       check=True)
        time.sleep(0.5)
        after = self.shot(process, 90)
        world = lambda picture: [row[3 * 15:3 * 660] for row in picture[195:290]]
        self.assertNotEqual(world(before), world(after))
        colours = {row[i:i + 3] for row in world(after) for i in range(0, len(row), 3)}
        red, blue = b"\xd8\x40\x3c", b"\x3c\x78\xd8"
        self.assertTrue(red in colours or blue in colours, "the cue, as it was seen")
        self.press("q")
        self.assertEqual(finish(process).returncode, 0)

    def windows(self, name):
        return subprocess.run(["xdotool", "search", "--name", name], env=self.environment, capture_output=True,
                              text=True).stdout.split()

    def test_a_training_is_watched(self):
        process = start("train", "tiny.yaml", "--watch", "--run-dir", "run", "train.frames=50000000",
                        env=self.environment)
        wait_for(lambda: self.windows("wane trains"), process)
        self.press("space")
        self.assertEqual(len(self.shot_of_any(process)), 720)
        self.press("q")
        process.send_signal(2)
        done = finish(process)
        self.assertEqual(done.returncode, 130, done.stderr)
        self.assertTrue(pathlib.Path("run/checkpoints/latest").exists())

    def shot_of_any(self, process):
        end = time.monotonic() + 20
        while not (found := sorted(pathlib.Path(".").glob("wane-*.png"))):
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), end, "no picture")
            self.press("s")
            time.sleep(0.3)
        time.sleep(0.2)
        return png_rows(found[0])

    def test_a_training_that_was_watched_is_the_same_run(self):
        for name, words, environment in (("seen", ["--watch"], self.environment), ("unseen", [], os.environ)):
            done = finish(start("train", "tiny.yaml", "--run-dir", name, *words, env=environment))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual("Being watched took" in done.stdout, name == "seen")
        self.assertEqual(rows_but_time("seen"), rows_but_time("unseen"))

    def test_play_takes_keys_and_records(self):
        process = start("play", "corridor", "world.length=[3,3]", "--record", "episode.txt", env=self.environment)
        wait_for(lambda: self.windows("wane: corridor"), process)
        time.sleep(0.5)
        self.press("Right", "Right", "4", "q")
        self.assertEqual(finish(process).returncode, 0)
        text = pathlib.Path("episode.txt").read_text()
        self.assertEqual([line.split(":")[0] for line in text.splitlines() if line[:1].isdigit()],
                         ["2 east", "2 east", "3 west"])

    def test_the_window_comes_back_as_it_was_left(self):
        for light in (True, False):
            process = start("watch", "--demo", env=self.environment)
            before = self.shot(process, 0)
            self.assertEqual(before[2][:3] == bytes.fromhex("f2f2f5"), not light, "the ground's colour")
            self.press("d", "q")
            self.assertEqual(finish(process).returncode, 0)
            self.assertEqual(json.loads(pathlib.Path("wane/viewer.json").read_text())["light"], light)


main()
