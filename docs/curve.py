#!/usr/bin/env python3
"""A training curve as one SVG: success above, live slots below, against frames.

    python3 docs/curve.py RUN out.svg        RUN: a run folder, or its progress.csv

Needs nothing but Python. Thin line: training window; points and strong line: evaluations with frozen weights.
"""
import csv
import html
import math
import pathlib
import re
import sys

WIDTH, LEFT, RIGHT = 880, 64, 168  # pixels; RIGHT holds the labels of the lines
TOP, PANEL, GAP, BOTTOM = 116, 160, 58, 58
INK, SOFT, GRID, AXIS, PAPER = "#1f2933", "#6b7785", "#e8ecf0", "#c3cbd3", "#ffffff"
GREEN, PALE_GREEN = "#0b8a5f", "#a9d9c6"
BLUES = ("#2563c9", "#b4571f", "#7a45b8", "#0f7f8f")  # one colour per layer
FONT = "font-family=\"system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif\""


def read_columns(path):
    """{column: [(frames, value)]}, empty cells and NaN left out."""
    columns = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            frames = float(row["time/total_timesteps"])
            for name, cell in row.items():
                if cell and math.isfinite(float(cell)):
                    columns.setdefault(name, []).append((frames, float(cell)))
    return columns


def nice_step(span, most):
    """The least of 1, 2, 5 x 10^k that cuts `span` into at most `most` parts."""
    power = 10 ** math.floor(math.log10(span / most))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= most + 1e-9)


def frames_text(frames):
    if frames >= 1e6:
        return f"{frames / 1e6:g} M"
    return f"{frames / 1e3:g} k" if frames >= 1e3 else f"{frames:g}"


def slot_ticks(most):
    """1, 2, 5, 10, … up to `most`: of a logarithmic scale of slots."""
    ticks = (factor * 10 ** power for power in range(7) for factor in (1, 2, 5))
    return [tick for tick in ticks if tick <= most]


def slots_text(slots):
    return f"{slots:.1f}" if slots < 100 else f"{slots:.0f}"


def percent_text(share):
    """Rounded down: 99.96 % never reads as 100 %."""
    return f"{math.floor(1000 * share + 1e-6) / 10:.1f} %"


class Panel:
    """A rectangle with its two scales. Points are (frames, value)."""

    def __init__(self, top, frames_end, low, high, logarithmic=False):
        self.top, self.frames_end, self.low, self.high, self.logarithmic = top, frames_end, low, high, logarithmic

    def x(self, frames):
        return LEFT + (WIDTH - LEFT - RIGHT) * frames / self.frames_end

    def y(self, value):
        scale = math.log if self.logarithmic else float
        value = min(max(value, self.low), self.high)
        share = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return self.top + PANEL * (1 - share)

    def at(self, point):
        return f"{self.x(point[0]):.1f} {self.y(point[1]):.1f}"

    def grid(self, ticks):
        for value, label in ticks:
            y = self.y(value)
            yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{AXIS if value == self.low else GRID}"/>'
            yield text(LEFT - 10, y + 4, label, SOFT, 12, "end")

    def line(self, points, colour, width):
        path = "M" + "L".join(self.at(point) for point in points)
        return (f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round" '
                f'stroke-linecap="round"/>')

    def band(self, lower, upper, colour):
        path = "M" + "L".join(self.at(point) for point in upper + lower[::-1]) + "Z"
        return f'<path d="{path}" fill="{colour}" fill-opacity="0.12"/>'

    def dots(self, points, colour):
        for point in points:
            x, y = self.at(point).split()
            yield f'<circle cx="{x}" cy="{y}" r="3.2" fill="{colour}" stroke="{PAPER}" stroke-width="1.2"/>'

    def labels(self, entries):
        """Beside the lines' ends, pushed apart where they would touch. Entries: (value, colour, strong text, text)."""
        entries = sorted(entries, key=lambda entry: -entry[0])
        heights = [self.y(entry[0]) + 4 for entry in entries]
        for i in range(1, len(heights)):
            heights[i] = max(heights[i], heights[i - 1] + 18)
        too_low = max([0] + [height - (self.top + PANEL + 6) for height in heights[-1:]])
        for (_, colour, strong, more), height in zip(entries, heights):
            yield (f'<text x="{WIDTH - RIGHT + 12}" y="{height - too_low:.1f}" font-size="12.5" fill="{colour}">'
                   f'<tspan font-weight="650">{html.escape(strong)}</tspan> {html.escape(more)}</text>')


def text(x, y, words, colour, size, anchor="start", weight=400):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{html.escape(words)}</text>')


def sheet(height, description, words):
    """The paper of a figure with `words` at its head; the figure's own `</svg>` ends it."""
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
           f'role="img" {FONT}>')
    yield f"<title>{html.escape(description)}</title>"
    yield f'<rect width="{WIDTH}" height="{height}" rx="10" fill="{PAPER}"/>'
    yield text(LEFT, 40, words, INK, 20, weight=650)


def success_panel(columns, frames_end):
    panel = Panel(TOP, frames_end, 0, 1)
    yield text(LEFT, TOP - 14, "Success", INK, 14, weight=650)
    yield from panel.grid([(share / 4, f"{25 * share} %") for share in range(5)])
    labels = []
    training, frozen = columns.get("rollout/success_rate"), columns.get("eval/success_rate")
    if training:
        yield panel.line(training, PALE_GREEN if frozen else GREEN, 2)
    if frozen:
        yield panel.line(frozen, GREEN, 2.2)
        yield from panel.dots(frozen, GREEN)
        labels.append((frozen[-1][1], GREEN, percent_text(frozen[-1][1]), "frozen weights"))
    if training:
        colour = "#5fae90" if frozen else GREEN
        labels.append((training[-1][1] - 1e-6, colour, percent_text(training[-1][1]), "while training"))
    yield from panel.labels(labels)


def slots_panel(columns, frames_end):
    top = TOP + PANEL + GAP
    found = [re.match(r"memory/layer(\d+)/live_slots_mean$", name) for name in columns]
    layers = sorted(int(match[1]) for match in found if match)
    means = [columns[f"memory/layer{layer}/live_slots_mean"] for layer in layers]
    maxima = [columns.get(f"memory/layer{layer}/live_slots_max", []) for layer in layers]
    highest = max([2.0] + [value for points in means + maxima for _, value in points])
    panel = Panel(top, frames_end, 1, highest * 1.15, logarithmic=True)
    yield text(LEFT, top - 14, "Live slots per environment", INK, 14, weight=650)
    ticks = slot_ticks(panel.high)
    if len(ticks) > 8:
        ticks = [tick for tick in ticks if str(tick)[0] == "1"]
    yield from panel.grid([(tick, f"{tick:,}") for tick in ticks])
    labels = []
    for layer, mean, maximum in zip(layers, means, maxima):
        colour = BLUES[layer % len(BLUES)]
        name = f" layer {layer}" if len(layers) > 1 else ""
        if maximum:
            yield panel.band(mean, maximum, colour)
            labels.append((maximum[-1][1], colour, f"{maximum[-1][1]:.0f}", "most" + name))
        yield panel.line(mean, colour, 2.2)
        labels.append((mean[-1][1], colour, slots_text(mean[-1][1]), "mean" + name))
        yield from panel.dots(columns.get(f"eval/layer{layer}/live_slots_mean", []), colour)
    yield from panel.labels(labels)


def headline(folder, columns):
    """What the folder's name says, and, only where the run shows it, a sentence ("" otherwise)."""
    parts = folder.split("__")
    title = f"{parts[0]} · {parts[1]} · seed {parts[2]}" if len(parts) == 4 else folder
    success = columns.get("eval/success_rate") or columns.get("rollout/success_rate") or [(0, 0)]
    slots = columns.get("memory/layer0/live_slots_mean") or [(0, 0)]
    if success[-1][1] < 0.95:
        return title, ""
    if slots[-1][1] > 0.5 * max(value for _, value in slots):
        return title, "The agent learns what to do"
    return title, "The agent learns what to do, then forgets what it does not need"


def figure(folder, columns):
    frames_end = max(frames for points in columns.values() for frames, _ in points)
    bottom = TOP + 2 * PANEL + GAP
    title, sentence = headline(folder, columns)
    yield from sheet(bottom + BOTTOM, f"{title}: success and live slots against frames", sentence or title)
    about = [title] if sentence else []
    if any(name.startswith("eval/") for name in columns):
        about.append("points: evaluations with frozen weights")
    yield text(LEFT, 62, " · ".join(about), SOFT, 13)
    step = nice_step(frames_end, 8)
    for i in range(math.floor(frames_end / step + 1e-9) + 1):
        x = LEFT + (WIDTH - LEFT - RIGHT) * i * step / frames_end
        yield f'<path d="M{x:.1f} {bottom}v5" stroke="{AXIS}"/>'
        yield text(x, bottom + 21, frames_text(i * step), SOFT, 12, "middle")
    yield text((LEFT + WIDTH - RIGHT) / 2, bottom + 42, "frames", SOFT, 12.5, "middle")
    yield from success_panel(columns, frames_end)
    yield from slots_panel(columns, frames_end)
    yield "</svg>\n"


def main(arguments):
    if len(arguments) != 2:
        sys.exit("usage: python3 docs/curve.py RUN out.svg")
    path = pathlib.Path(arguments[0])
    path = path / "progress.csv" if path.is_dir() else path
    try:
        columns = read_columns(path)
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"{path}: not a run's progress.csv: {error!r}")
    if len(columns) < 2:
        sys.exit(f"{path}: no rows yet")
    pathlib.Path(arguments[1]).write_text("\n".join(figure(path.resolve().parent.name, columns)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
