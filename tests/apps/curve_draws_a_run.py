"""docs/curve.py on a made-up run: the picture is well formed, shows every point, and says the final numbers.

    python3 curve_draws_a_run.py docs/curve.py [FOLDER]      FOLDER: keep progress.csv and the picture there
"""
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

SVG = "{http://www.w3.org/2000/svg}"
HEADER = ("time/total_timesteps,rollout/success_rate,eval/success_rate,memory/layer0/live_slots_mean,"
          "memory/layer0/live_slots_max,eval/layer0/live_slots_mean,time/fps")


def made_up_run(path: pathlib.Path) -> int:
    """Success rises, then live slots fall; evaluations every 100 k frames. Returns how many evaluations."""
    rng, rows, evaluations = random.Random(1), [HEADER], 0
    for frames in range(20480, 1_100_000, 20480):
        learned = 1 / (1 + math.exp(-(frames - 380_000) / 45_000))
        success = min(1, 0.5 + 0.497 * learned + rng.gauss(0, 0.02 * (1 - learned) + 0.002))
        forgotten = 1 / (1 + math.exp(-(frames - 620_000) / 70_000))
        slots = math.exp((1 - forgotten) * math.log(78) + forgotten * math.log(5.9)) * (1 + rng.gauss(0, 0.03))
        evaluated = frames % 102_400 == 0
        evaluations += evaluated
        frozen = [f"{min(1, success + 0.002):.4f}", f"{slots * 1.05:.3f}"] if evaluated else ["", ""]
        rows.append(f"{frames},{success:.4f},{frozen[0]},{slots:.3f},{slots * 2.6:.0f},{frozen[1]},16000")
    rows[-1] = "1085440,0.9861,0.9967,5.93,14,5.96,16000"
    path.write_text("\n".join(rows) + "\n")
    return evaluations + 1


def draw(curve: str, run: pathlib.Path, out: pathlib.Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, curve, str(run), str(out)], capture_output=True, text=True)


def test(curve: str, folder: pathlib.Path) -> None:
    run = folder / "corridor__expire_span__1__20260101-120000"
    run.mkdir(exist_ok=True)
    evaluations = made_up_run(run / "progress.csv")
    out = folder / "curve.svg"
    drawn = draw(curve, run, out)
    assert drawn.returncode == 0, drawn.stderr
    tree = xml.parse(out).getroot()
    words = ["".join(node.itertext()) for node in tree.iter(SVG + "text")]
    for wanted in ("99.6 % frozen weights", "98.6 % while training", "5.9 mean", "14 most", "1 M", "frames", "100 %",
                   "corridor · expire_span · seed 1 · points: evaluations with frozen weights",
                   "The agent learns what to do, then forgets what it does not need"):
        assert wanted in words, f"{wanted!r} not in {words}"
    width = float(tree.get("width"))
    dots = [(float(dot.get("cx")), float(dot.get("cy"))) for dot in tree.iter(SVG + "circle")]
    assert len(dots) == 2 * evaluations, len(dots)
    success = dots[:evaluations]
    assert all(before[0] < after[0] for before, after in zip(success, success[1:])), "frames go right"
    assert success[-1][1] < success[0][1] - 50, "success rises"
    slots = dots[evaluations:]
    assert slots[-1][1] > slots[0][1] + 50, "live slots fall"
    assert all(0 < x < width for x, _ in dots)

    (folder / "short.csv").write_text(HEADER + "\n100,0.5,,3,4,,\n")  # one row, no evaluation yet
    one_row = draw(curve, folder / "short.csv", out.with_name("short.svg"))
    assert one_row.returncode == 0, one_row.stderr
    assert "learns" not in out.with_name("short.svg").read_text(), "no claim that the run does not show"
    (folder / "empty.csv").write_text(HEADER + "\n")
    assert "no rows yet" in draw(curve, folder / "empty.csv", out.with_name("empty.svg")).stderr
    missing = draw(curve, folder / "none", out)
    assert missing.returncode != 0 and "Traceback" not in missing.stderr
    assert "not a run's progress.csv" in missing.stderr
    print("ok")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        test(sys.argv[1], pathlib.Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            test(sys.argv[1], pathlib.Path(temporary))
