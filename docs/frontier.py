#!/usr/bin/env python3
"""Success against live slots as one SVG: what each memory buys, and at what price.

    python3 docs/frontier.py docs/results/corridor out.svg [TITLE]     FOLDER: of one task; compare's OUT/TASK, too

Reads every JSON of a comparison under FOLDER. A small point is a seed, a large one its memory's median. Memories that
differ in one number (a price, a length L) are joined by a line and named by it. Needs nothing but Python.
"""
import json
import math
import pathlib
import re
import statistics
import sys

from curve import (AXIS, GRID, INK, LEFT, PAPER, SOFT, WIDTH, percent_text, sheet, slot_ticks, slots_text, text)

RIGHT, TOP, HEIGHT, BOTTOM = 30, 124, 330, 58  # pixels; HEIGHT of the panel
INKS = ("#0b8a5f", "#2563c9", "#b4571f", "#7a45b8", "#0f7f8f", "#b0305c", "#7d6b0a", "#55606d", "#c98a00", "#5a8f29")


def read_results(folder):
    """{memory: [(slots, success) of each seed]} of greedy episodes; slots per environment, summed over layers.

    ValueError where they are of several tasks, or of one memory and seed with different settings.
    """
    memories, paths, tasks = {}, {}, set()
    for path in sorted(folder.rglob("*.json")):
        run = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(run, dict) or "greedy" not in run or "memory" not in run:
            continue
        before = paths.setdefault((run["memory"], run["seed"]), path)
        if before != path:
            raise ValueError(f"{before.name} and {path.name} are both {run['memory']}, seed {run['seed']}")
        tasks.add(run["task"])
        if len(tasks) > 1:
            raise ValueError(f"several tasks: {', '.join(sorted(tasks))}")
        slots = sum(layer["live_slots_mean"] for layer in run["greedy"]["layers"])
        memories.setdefault(run["memory"], []).append((slots, run["greedy"]["success"]))
    return {memory: seeds for memory, seeds in memories.items() if all(slots > 0 for slots, _ in seeds)}


def families(memories):
    """{what the memories have in common: {memory: the number in which they differ, as text, or ""}}.

    `a:b=1:c=2` and `a:b=1:c=3` are of one family; `a:b=1` is of that which turns b.
    """
    groups = {}
    for memory in memories:
        words = memory.split(":")
        turned = re.fullmatch(r"(?:.*\.)?(\w+)=([\d.e+-]+)", words[-1]) if len(words) > 1 else None
        stem = tuple(words[:-1] if turned else words) + ((turned[1],) if turned else ())
        groups.setdefault(stem, {})[memory] = turned[2] if turned else ""
    return groups


def name_of(stem, members):
    """`kind, setting value, …` and, for a family, the setting that it turns."""
    kind, *rest = stem
    shown = [re.sub(r"^.*\.", "", word).replace("_", " ").replace("=", " ") for word in rest]
    if len(members) == 1 and next(iter(members.values())):
        shown[-1] += " " + next(iter(members.values()))
    return ", ".join([kind] + shown)


class Panel:
    """Slots to the right, on a logarithmic scale from 1; success upwards, 0 to 1."""

    def __init__(self, most):
        self.decades = math.log10(most * 1.25)

    def x(self, slots):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(max(1, slots)) / self.decades

    def y(self, success):
        return TOP + HEIGHT * (1 - success)

    def grid(self):
        for quarter in range(5):
            y = self.y(quarter / 4)
            yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID if quarter else AXIS}"/>'
            yield text(LEFT - 10, y + 4, f"{25 * quarter} %", SOFT, 12, "end")
        for tick in slot_ticks(10 ** self.decades):
            yield f'<path d="M{self.x(tick):.1f} {TOP}V{TOP + HEIGHT + 5}" stroke="{GRID}"/>'
            yield text(self.x(tick), TOP + HEIGHT + 21, f"{tick:,}", SOFT, 12, "middle")


def medians(seeds):
    return statistics.median(slots for slots, _ in seeds), statistics.median(success for _, success in seeds)


def family(panel, members, memories, ink):
    """A family's seeds, its medians, and the line through them from few slots to many."""
    middle = sorted((medians(memories[memory]), label) for memory, label in members.items())
    points = [f"{panel.x(slots):.1f} {panel.y(success):.1f}" for (slots, success), _ in middle]
    if len(points) > 1:
        yield f'<path d="M{"L".join(points)}" fill="none" stroke="{ink}" stroke-width="1.6" stroke-opacity="0.6"/>'
    for memory in members:
        for slots, success in memories[memory]:
            yield (f'<circle cx="{panel.x(slots):.1f}" cy="{panel.y(success):.1f}" r="2.4" fill="{ink}" '
                   f'fill-opacity="0.45"/>')
    beside = below = 0  # where the last label stands, and how far it was moved out of the way
    for ((slots, success), label), point in zip(middle, points):
        x, y = point.split()
        yield (f'<circle cx="{x}" cy="{y}" r="5" fill="{ink}" stroke="{PAPER}" stroke-width="1.4"><title>'
               f'{slots_text(slots)} slots, {percent_text(success)}</title></circle>')
        if label and len(members) > 1:
            below = 13 if beside and float(x) - beside < 7 * len(label) and not below else 0
            beside = float(x)
            yield text(beside, float(y) + (-9 - below if success < 0.9 else 18 + below), label, ink, 11, "middle")


def figure(title, memories):
    panel = Panel(max(slots for seeds in memories.values() for slots, _ in seeds))
    groups = sorted(families(memories).items(), key=lambda group: (group[0][0] != "expire_span", group[0]))
    rows = math.ceil(len(groups) / 2)
    bottom = TOP + HEIGHT + BOTTOM + 20 * rows
    yield from sheet(bottom, f"{title}: success against live slots", title)
    counts = sorted({len(seeds) for seeds in memories.values()})
    seeds = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    yield text(LEFT, 62, f"Success, greedy, of the final agents on fresh episodes · small points: {seeds} seeds, large: "
               "their median", SOFT, 13)
    yield text(LEFT, TOP - 18, "Success", INK, 14, weight=650)
    yield from panel.grid()
    yield text((LEFT + WIDTH - RIGHT) / 2, TOP + HEIGHT + 42, "live slots per environment, mean", SOFT, 12.5, "middle")
    for i, (stem, members) in reversed(list(enumerate(groups))):
        ink = INKS[i % len(INKS)]
        yield from family(panel, members, memories, ink)
        x, y = LEFT + (WIDTH - LEFT - RIGHT) / 2 * (i % 2), TOP + HEIGHT + 72 + 20 * (i // 2)
        yield f'<circle cx="{x + 4:.1f}" cy="{y - 4:.1f}" r="5" fill="{ink}"/>'
        yield text(x + 16, y, name_of(stem, members), INK, 12)
    yield "</svg>\n"


def main(arguments):
    if len(arguments) not in (2, 3):
        sys.exit("usage: python3 docs/frontier.py FOLDER out.svg [TITLE]")
    folder = pathlib.Path(arguments[0])
    try:
        memories = read_results(folder)
    except (OSError, KeyError, ValueError, TypeError) as error:
        sys.exit(f"{folder}: not one task's results: {error}")
    if not memories:
        sys.exit(f"{folder}: no results of memories with slots")
    title = arguments[2] if len(arguments) == 3 else folder.name
    pathlib.Path(arguments[1]).write_text("\n".join(figure(title, memories)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
