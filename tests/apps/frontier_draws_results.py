"""docs/frontier.py on made-up results: the picture is well formed, shows every seed, joins what differs in a number.

    python3 frontier_draws_results.py docs/frontier.py [FOLDER]      FOLDER: keep the results and the picture there
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

SVG = "{http://www.w3.org/2000/svg}"
# memory, then slots of each layer and success of every seed
RUNS = {"expire_span": [([2.0, 2.0], 1.0), ([3.0, 2.0], 0.99)],
        "expire_span:expire_span.cost=0.1": [([1.5, 1.5], 0.9)],
        "transformer_xl:memory.max_span=8": [([8.0, 8.0], 0.5), ([8.0, 8.0], 0.52), ([8.0, 8.0], 0.3)],
        "transformer_xl:memory.max_span=64": [([40.0, 40.0], 1.0)],
        "transformer_xl:memory.max_span=64:memory.slots=4:memory.evict=random": [([4.0, 4.0], 0.25)],
        # a family whose number is not its last word
        "expire_span:memory.slots=9:expire_span.gate=false": [([6.0], 0.8)],
        "expire_span:memory.slots=12:expire_span.gate=false": [([7.0], 0.85)],
        "gru": [([0.0], 0.75)]}  # without slots: it has no place on this picture


def draw(frontier: str, *words) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-B", frontier, *map(str, words)], capture_output=True, text=True)


def test(frontier: str, folder: pathlib.Path) -> None:
    results, out = folder / "tomb", folder / "frontier.svg"
    results.mkdir(exist_ok=True)
    for memory, seeds in RUNS.items():
        for seed, (slots, success) in enumerate(seeds, 1):
            layers = [{"live_slots_mean": mean} for mean in slots]
            run = {"task": "tomb", "memory": memory, "seed": seed, "greedy": {"success": success, "layers": layers}}
            (results / f"{memory.replace(':', '_')}.{seed}.json").write_text(json.dumps(run))
    (results / "controls.json").write_text("[]")  # something else that lies there

    drawn = draw(frontier, results, out)
    assert drawn.returncode == 0, drawn.stderr
    tree = xml.parse(out).getroot()
    words = ["".join(node.itertext()) for node in tree.iter(SVG + "text")]
    for wanted in ("tomb", "expire_span", "expire_span, cost 0.1", "expire_span, gate false, slots", "9", "12",
                   "transformer_xl, max span", "8", "64", "100 %",
                   "transformer_xl, max span 64, slots 4, evict random"):
        assert wanted in words, f"{wanted!r} not in {words}"
    assert not any("gru" in word for word in words), words
    assert any("1 to 3 seeds" in word for word in words), words

    dots = {radius: [dot for dot in tree.iter(SVG + "circle") if dot.get("r") == radius] for radius in ("2.4", "5")}
    assert len(dots["2.4"]) == 10, "a point for each seed of a memory with slots"
    at = {dot.findtext(SVG + "title"): (float(dot.get("cx")), float(dot.get("cy"))) for dot in dots["5"]}
    at.pop(None)  # the legend's
    assert sorted(at) == sorted(["4.5 slots, 99.5 %", "3.0 slots, 90.0 %", "16.0 slots, 50.0 %", "80.0 slots, 100.0 %",
                                 "6.0 slots, 80.0 %", "7.0 slots, 85.0 %",
                                 "8.0 slots, 25.0 %"]), at
    few, many = at["16.0 slots, 50.0 %"], at["80.0 slots, 100.0 %"]
    assert few[0] < many[0] and few[1] > many[1], "slots go right, success up"
    lines = [path.get("d") for path in tree.iter(SVG + "path") if path.get("fill") == "none"]
    nine, twelve = at["6.0 slots, 80.0 %"], at["7.0 slots, 85.0 %"]
    joined = [f"M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}" for a, b in ((few, many), (nine, twelve))]
    assert sorted(lines) == sorted(joined), lines

    assert draw(frontier, results, out, "A title").returncode == 0
    assert "A title" in out.read_text()
    (folder / "empty").mkdir(exist_ok=True)
    for wrong in ([folder / "empty", out], [folder / "missing", out], [results], []):
        failed = draw(frontier, *wrong)
        assert failed.returncode != 0 and "Traceback" not in failed.stderr and failed.stderr, (wrong, failed.stderr)
    again = json.loads((results / "expire_span.1.json").read_text())
    for changed, wanted in ((again, "expire_span, seed 1"), (again | {"seed": 9, "task": "cave"}, "cave, tomb")):
        (results / "more.json").write_text(json.dumps(changed))
        failed = draw(frontier, results, out)
        assert failed.returncode != 0 and wanted in failed.stderr, failed.stderr
        (results / "more.json").unlink()
    (results / "broken.json").write_text("{")
    failed = draw(frontier, results, out)
    assert failed.returncode != 0 and "Traceback" not in failed.stderr and "tomb" in failed.stderr, failed.stderr


if __name__ == "__main__":
    if len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
        test(sys.argv[1], pathlib.Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as kept:
            test(sys.argv[1], pathlib.Path(kept))
