"""Draws small line charts as one SVG file, readable in light and dark, and described in words for screen readers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 250
"""Size of one chart, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 34, 40
LEGEND_HEIGHT = 30
COLUMNS = 2
STYLE = """
:root { --ink: #1f2328; --grid: #d0d7de; --c0: #0550ae; --c1: #8250df; --c2: #bc4c00; --c3: #116329; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --grid: #3d444d; --c0: #79c0ff; --c1: #d2a8ff; --c2: #ffa657; --c3: #7ee787;
    --paper: #0d1117; }
}
.paper { fill: var(--paper) } text { fill: var(--ink); font: 12px sans-serif } .title { font-weight: bold }
.grid { stroke: var(--grid) } .line { fill: none; stroke-width: 2 } .faint { stroke-dasharray: 3 4 }
"""
"""Both palettes have a contrast of at least 4.5 to 1 with their background."""
SHAPES = ("M-4-4h8v8h-8z", "M0-5l5 9h-10z", "M-5 0l5-5 5 5-5 5z", "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z")
"""A marker per series, because colors alone do not distinguish them for all readers."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its points, ``style`` as an index of a color and a marker, and whether it is dashed."""

    name: str
    points: Sequence[tuple[float, float]]
    style: int
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart; with ``logarithmic``, values below 1 are drawn as 1."""

    title: str
    series: Sequence[Series]
    logarithmic: bool = False


def svg(title: str, description: str, x_label: str, charts: Sequence[Chart]) -> str:
    """Return an SVG image of ``charts``, two in a row, with a common legend."""
    rows = -(-len(charts) // COLUMNS)
    width, height = WIDTH * COLUMNS, HEIGHT * rows + LEGEND_HEIGHT
    body = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    for number, chart in enumerate(charts):
        place = f"translate({number % COLUMNS * WIDTH} {number // COLUMNS * HEIGHT})"
        body += [f'<g transform="{place}">', *_chart(chart, x_label), "</g>"]
    solid = {line.style: line.name for chart in charts for line in chart.series if line.points and not line.dashed}
    for column, (style, name) in enumerate(sorted(solid.items())):
        x, y = LEFT + column * (width - LEFT) / max(1, len(solid)), height - 12
        body += [_marker(x, y - 4, style), f'<text x="{x + 10:.0f}" y="{y}">{escape(name)}</text>']
    return "\n".join([*body, "</svg>", ""])


def _chart(chart: Chart, x_label: str) -> Iterable[str]:
    points = [point for line in chart.series for point in line.points]
    x_ticks = sorted({x for x, _ in points}) or [0.0]
    y_ticks = _ticks([y for _, y in points], logarithmic=chart.logarithmic)
    x_low, x_high = x_ticks[0], x_ticks[-1]
    y_low, y_high = (_scaled(tick, logarithmic=chart.logarithmic) for tick in (y_ticks[0], y_ticks[-1]))

    def x_of(x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (x - x_low) / (x_high - x_low or 1)

    def y_of(y: float) -> float:
        share = (_scaled(y, logarithmic=chart.logarithmic) - y_low) / (y_high - y_low or 1)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    yield f'<text class="title" x="{LEFT}" y="20">{escape(chart.title)}</text>'
    for tick in y_ticks:
        y = y_of(tick)
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:,g}</text>'
    for x in x_ticks:
        yield f'<text x="{x_of(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(x_label)}</text>'
    for line in chart.series:
        path = "L".join(f"{x_of(x):.1f} {y_of(y):.1f}" for x, y in line.points)
        look = f'class="line{" faint" if line.dashed else ""}" style="stroke: var(--c{line.style % 4})"'
        yield f'<path {look} d="M{path}"/>' if path else ""
        if not line.dashed:
            yield from (_marker(x_of(x), y_of(y), line.style) for x, y in line.points)


def _marker(x: float, y: float, style: int) -> str:
    look = f'style="fill: var(--c{style % 4})"'
    return f'<path transform="translate({x:.1f} {y:.1f})" {look} d="{SHAPES[style % len(SHAPES)]}"/>'


def _scaled(value: float, *, logarithmic: bool) -> float:
    return math.log10(max(1.0, value)) if logarithmic else value


def _ticks(values: Sequence[float], *, logarithmic: bool) -> list[float]:
    """Return the values of the grid lines, which include all ``values``."""
    highest = max(values, default=1.0)
    if logarithmic:
        first = math.floor(math.log10(max(1.0, min(values, default=1.0))))
        last = max(first + 1, math.ceil(math.log10(max(1.0, highest))))
        return [10.0**power for power in range(first, last + 1)]
    step = 10.0 ** math.floor(math.log10(highest or 1.0))
    step = next(step * part for part in (0.2, 0.5, 1, 2) if highest <= step * part * 5)
    return [step * number for number in range(math.ceil(highest / step) + 1)] if highest else [0.0, 1.0]
