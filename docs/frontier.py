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
WIDEST = 62  # letters that half a row of the legend holds
INKS = ("#0b8a5f", "#2563c9", "#b4571f", "#7a45b8", "#0f7f8f", "#b0305c", "#7d6b0a", "#55606d", "#c98a00", "#5a8f29", "#3d3a8c",
        "#a8325a", "#1c6e5e")


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

    `a:b=1:c=2` and `a:b=1:c=3` are of one family, and so are `a:b=2:c=1` and `a:b=3:c=1`; a memory that could be of two
    is of the larger, or of that which turns the later setting.
    """
    could = {}  # {(what they have in common, where the turned setting stands): {memory: number}}
    for memory in memories:
        words = memory.split(":")
        for i, word in enumerate(words):
            if turned := re.fullmatch(r"(?:.*\.)?(\w+)=([\d.e+-]+)", word):
                stem = tuple(words[:i] + words[i + 1:]) + (turned[1],)
                could.setdefault((stem, i), {})[memory] = turned[2]
    chosen = {}
    for memory in memories:
        mine = [family for family, members in could.items() if memory in members]
        family = max(mine, key=lambda family: (len(could[family]), family[1]), default=memory)
        chosen.setdefault(family, []).append(memory)
    groups = {}
    for family, members in chosen.items():
        if len(members) > 1:
            groups[family[0]] = {memory: could[family][memory] for memory in members}
        else:
            groups[tuple(members[0].split(":"))] = {members[0]: ""}
    return groups


def name_of(stem):
    """`kind, setting value, …` and, for a family, the setting that it turns."""
    kind, *rest = stem
    shown = [re.sub(r"^[^=]*\.", "", word).replace("_", " ").replace("=", " ") for word in rest]
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


class Labels:
    """Words of one size beside points, none over another."""

    def __init__(self):
        self.taken = []  # (x, y, half its width)

    def place(self, x, y, label):
        """Where `label` stands, for a point at (x, y): above it, below it, or wherever there is room."""
        half = 3.4 * len(label)
        places = [(x, y - 9)] * (y > TOP + 12) + [(x, y + 18 + 13 * i) for i in range(9)]
        free = [at for at in places if not any(
            abs(at[0] - other) < half + width and abs(at[1] - line) < 12 for other, line, width in self.taken)]
        at = free[0] if free else places[0]
        self.taken.append((*at, half))
        return at


def together(points):
    """Points (x, y, label) that cover each other become one, with all labels."""
    joined = []
    for x, y, label in points:
        if joined and math.hypot(x - joined[-1][0], y - joined[-1][1]) < 4:
            joined[-1] = (*joined[-1][:2], ", ".join(filter(None, (joined[-1][2], label))))
        else:
            joined.append((x, y, label))
    return joined


def family(panel, members, memories, ink, labels):
    """A family's seeds, its medians, and the line through them from few slots to many."""
    middle = sorted((medians(memories[memory]), label) for memory, label in members.items())
    points = [f"{panel.x(slots):.1f} {panel.y(success):.1f}" for (slots, success), _ in middle]
    if len(points) > 1:
        yield f'<path d="M{"L".join(points)}" fill="none" stroke="{ink}" stroke-width="1.6" stroke-opacity="0.6"/>'
    for memory in members:
        for slots, success in memories[memory]:
            yield (f'<circle cx="{panel.x(slots):.1f}" cy="{panel.y(success):.1f}" r="2.4" fill="{ink}" '
                   f'fill-opacity="0.45"/>')
    for ((slots, success), _), point in zip(middle, points):
        x, y = point.split()
        yield (f'<circle cx="{x}" cy="{y}" r="5" fill="{ink}" stroke="{PAPER}" stroke-width="1.4"><title>'
               f'{slots_text(slots)} slots, {percent_text(success)}</title></circle>')
    for x, y, label in together([(panel.x(slots), panel.y(success), label) for (slots, success), label in middle]):
        if label:
            yield text(*labels.place(x, y, label), label, ink, 11, "middle")


def legend(names):
    """(row, column) of each name, two to a row where both are short enough."""
    places, row, column = [], 0, 0
    for name in names:
        wide = len(name) > WIDEST
        if wide and column:
            row, column = row + 1, 0
        places.append((row, column))
        row, column = (row + 1, 0) if wide or column else (row, 1)
    return places


def figure(title, memories):
    panel = Panel(max(slots for seeds in memories.values() for slots, _ in seeds))
    groups = sorted(families(memories).items(), key=lambda group: (group[0][0] != "expire_span", group[0]))
    places = legend([name_of(stem) for stem, _ in groups])
    bottom = TOP + HEIGHT + BOTTOM + 20 * (places[-1][0] + 1)
    yield from sheet(bottom, f"{title}: success against live slots", title)
    counts = sorted({len(seeds) for seeds in memories.values()})
    seeds = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    yield text(LEFT, 62, f"Success, greedy, of the final agents on fresh episodes · small points: {seeds} seeds, large: "
               "their median", SOFT, 13)
    yield text(LEFT, TOP - 18, "Success", INK, 14, weight=650)
    yield from panel.grid()
    yield text((LEFT + WIDTH - RIGHT) / 2, TOP + HEIGHT + 42, "live slots per environment, mean", SOFT, 12.5, "middle")
    labels = Labels()
    for i, (stem, members) in reversed(list(enumerate(groups))):
        ink = INKS[i % len(INKS)]
        yield from family(panel, members, memories, ink, labels)
        row, column = places[i]
        x, y = LEFT + (WIDTH - LEFT - RIGHT) / 2 * column, TOP + HEIGHT + 72 + 20 * row
        yield f'<circle cx="{x + 4:.1f}" cy="{y - 4:.1f}" r="5" fill="{ink}"/>'
        yield text(x + 16, y, name_of(stem), INK, 12)
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
