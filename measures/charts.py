"""Charts drawn on the server: the geometry here, the SVG in `templates/measures/indicator_chart.html`.

Coordinates are texts, because templates would write numbers the German way.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from .models import Indicator, IndicatorValue

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 344, 18, 168
#: The base line of the last amount, from the middle of its mark.
ABOVE, BELOW = -11, 20
#: So many lines behind the curve, at most, and steps between them that are easy to read (times a power of ten).
MAX_LINES = 4
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True)
class Mark:
    """A value on the curve; `words` say it in full: “mehr als 25”."""

    x: str
    y: str
    year: int
    qualifier: str
    words: str
    is_example: bool


@dataclass(frozen=True)
class Line:
    """A horizontal line, with what stands beside it."""

    y: str
    words: str


@dataclass(frozen=True)
class Chart:
    """An indicator over the years: curve, target, and the same as text."""

    indicator: Indicator
    marks: list[Mark]
    lines: list[Line]
    years: list[tuple[str, int]]
    target: Line | None
    description: str

    @property
    def curve(self) -> str:
        """The points of the curve, as SVG writes them."""
        return " ".join(f"{mark.x},{mark.y}" for mark in self.marks)

    @property
    def amount_y(self) -> int:
        """Where the last amount stands, seen from its mark: above, or below if the target's line would strike it."""
        if self.target is None:
            return ABOVE
        return BELOW if 6 <= float(self.marks[-1].y) - float(self.target.y) <= 24 else ABOVE


def number(value: Decimal) -> str:
    """A number as a German reader writes it, without empty decimals."""
    decimals = max(0, -int(value.normalize().as_tuple().exponent))
    return floatformat(value, f"{decimals}g")


def line_chart(indicator: Indicator, values: Iterable[IndicatorValue]) -> Chart | None:
    """The chart of `indicator` from those of its `values` that the reader may see; None without any.

    The scale begins at zero (below, if a value is), so that no curve looks steeper than it is.
    """
    rows = sorted(values, key=lambda row: row.year)
    if not rows:
        return None
    target = indicator.target
    amounts = [row.value for row in rows] + ([target] if target is not None else [])
    levels = _levels(min(*amounts, Decimal(0)), max(*amounts, Decimal(0)))
    first, last = rows[0].year, max(rows[-1].year, indicator.target_year or 0)

    def x(year: int) -> str:
        share = (year - first) / (last - first) if last > first else 0.5
        return f"{LEFT + share * (RIGHT - LEFT):.1f}"

    def y(value: Decimal) -> str:
        share = float((value - levels[0]) / (levels[-1] - levels[0]))
        return f"{BOTTOM - share * (BOTTOM - TOP):.1f}"

    return Chart(
        indicator=indicator,
        marks=[Mark(x(row.year), y(row.value), row.year, row.qualifier, _words(row), row.is_example) for row in rows],
        lines=[Line(y(level), number(level)) for level in levels],
        years=[(x(year), year) for year in dict.fromkeys((first, last))],
        target=None if target is None else Line(y(target), number(target)),
        description=_describe(indicator, rows),
    )


def reported_chart(row: dict[str, Any]) -> Chart | None:
    """The chart of an indicator as a report tells of it (`report_figures`); no row of the database is read."""
    indicator = Indicator(
        name=row["name"],
        unit=row["unit"],
        text=row["text"],
        target=None if row["target"] is None else Decimal(row["target"]),
        target_year=row["target_year"],
        source=row["source"],
        is_example=row["is_example"],
    )
    values = [
        IndicatorValue(
            year=value["year"],
            value=Decimal(value["value"]),
            qualifier=value["qualifier"],
            is_example=value["is_example"],
        )
        for value in row["values"]
    ]
    return line_chart(indicator, values)


def _levels(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round levels from at or below `low` to at or above `high`."""
    span = (high - low) or Decimal(1)
    power = Decimal(10) ** ((span / MAX_LINES).adjusted())
    step = next(step * power for step in STEPS if step * power * MAX_LINES >= span)
    levels = [low // step * step - (step if low % step < 0 else 0)]
    while levels[-1] < high or len(levels) == 1:
        levels.append(levels[-1] + step)
    return levels


def _words(row: IndicatorValue) -> str:
    amount = number(row.value)
    if row.qualifier == IndicatorValue.Qualifier.EXACT:
        return amount
    return _("%(qualifier)s %(amount)s") % {"qualifier": row.get_qualifier_display(), "amount": amount}


def _describe(indicator: Indicator, rows: list[IndicatorValue]) -> str:
    return "; ".join(_sentences(indicator, rows))


def _sentences(indicator: Indicator, rows: list[IndicatorValue]) -> Iterator[str]:
    for row in rows:
        yield _("%(year)s: %(amount)s %(unit)s") % {"year": row.year, "amount": _words(row), "unit": indicator.unit}
    if indicator.target is not None:
        amount = number(indicator.target)
        if indicator.target_year:
            yield _("Ziel bis %(year)s: %(amount)s %(unit)s") % {
                "year": indicator.target_year,
                "amount": amount,
                "unit": indicator.unit,
            }
        else:
            yield _("Ziel: %(amount)s %(unit)s") % {"amount": amount, "unit": indicator.unit}


# ── bars ────────────────────────────────────────────────────────────────────────────────────────────────

#: A bar, and from one to the next: its words above it, its numbers below.
BAR_TOP, BAR_HEIGHT, BAR_STEP = 20, 20, 62
#: Between the parts of a bar; at least so wide is a part, or nobody would see it.
GAP, THINNEST = 1.5, 3.0
#: So wide is a digit of the numbers below a bar.
DIGIT = 8
#: How each part looks: its colour and, because colour alone says nothing, its pattern.
LOOKS = {
    "done": ("#2b7549", ""),
    "run": ("#2a7f93", "hatch"),
    "dec": ("#8fb8c1", ""),
    "quiet": ("#d9a23a", "dots"),
    "prop": ("#c9c6bd", "hatch"),
    "stop": ("#6b7275", "stripes"),
    "merged": ("#6b7275", "bars"),
    "fresh": ("#0f4c5c", ""),
}


@dataclass(frozen=True)
class Part:
    """A part of a bar: how it is drawn, and what it stands for."""

    mark: str
    colour: str
    pattern: str
    #: The lines or dots of the pattern as an SVG path; empty for a plain part.
    path: str
    x: str
    width: str
    middle: str
    number: int
    words: str
    has_room: bool


@dataclass(frozen=True)
class Bar:
    """A bar with its words, and where it stands."""

    label: str
    total: int
    y: str
    label_y: str
    number_y: str
    parts: list[Part]


@dataclass(frozen=True)
class BarChart:
    """Bars below each other on one scale, and the same as text."""

    bars: list[Bar]
    height: int
    description: str


def bar_chart(rows: Iterable[tuple[str, list[tuple[str, str, int]]]]) -> BarChart:
    """Bars for `rows` of (label, parts as (mark, words, number)); all on one scale, empty parts left out.

    `mark` is one of `LOOKS`; KeyError for another.
    """
    rows = [(label, [part for part in parts if part[2]]) for label, parts in rows]
    most = max((sum(number for *_look, number in parts) for _label, parts in rows), default=0) or 1
    bars = []
    for place, (label, parts) in enumerate(rows):
        top = place * BAR_STEP + BAR_TOP
        bars.append(
            Bar(
                label=label,
                total=sum(number for *_look, number in parts),
                y=f"{top}",
                label_y=f"{top - 6}",
                number_y=f"{top + BAR_HEIGHT + 14}",
                parts=list(_parts(parts, most, top)),
            )
        )
    sentences = (
        _("%(label)s: %(parts)s")
        % {
            "label": bar.label,
            "parts": ", ".join(f"{part.number} {part.words}" for part in bar.parts) or _("nichts"),
        }
        for bar in bars
    )
    return BarChart(bars, len(bars) * BAR_STEP, "; ".join(sentences))


def swatch(mark: str, words: str) -> Part:
    """A small square that looks as the parts with this mark do, for a legend."""
    return _part(mark, words, number=0, x=0, width=14, top=0, height=14)


def _parts(parts: list[tuple[str, str, int]], most: int, top: int) -> Iterator[Part]:
    # What thin parts take more than their share, the others give.
    widths = [max(THINNEST, WIDTH * number / most) for *_look, number in parts]
    full = max(WIDTH * sum(number for *_look, number in parts) / most, THINNEST * len(parts))
    scale = full / sum(widths) if widths else 1
    x = 0.0
    for (mark, words, number), width in zip(parts, widths, strict=True):
        yield _part(mark, words, number, x, max(width * scale - GAP, GAP), top, BAR_HEIGHT)
        x += width * scale


def _part(mark: str, words: str, number: int, x: float, width: float, top: int, height: int) -> Part:
    colour, pattern = LOOKS[mark]
    return Part(
        mark=mark,
        colour=colour,
        pattern=pattern,
        path=_pattern(pattern, x, width, top, height),
        x=f"{x:.1f}",
        width=f"{width:.1f}",
        middle=f"{x + width / 2:.1f}",
        number=number,
        words=words,
        has_room=width >= DIGIT * len(str(number)) + 2,
    )


def _pattern(pattern: str, x: float, width: float, top: int, height: int) -> str:
    """The pattern of a part as an SVG path that stays inside it, so that it needs neither a clip nor an `id`."""
    end = x + width
    match pattern:
        case "hatch":
            return "".join(_stroke(start, x, end, top, height) for start in _steps(x - height, end, 7))
        case "dots":
            rows = enumerate(_steps(top + 4, top + height - 2, 5))
            return "".join(f"M{at:.1f} {y:.1f}h0" for n, y in rows for at in _steps(x + 3 + n % 2 * 3, end - 2, 6))
        case "stripes":
            return "".join(f"M{x:.1f} {y:.1f}H{end:.1f}" for y in _steps(top + 4, top + height - 1, 6))
        case "bars":
            return "".join(f"M{at:.1f} {top}v{height}" for at in _steps(x + 3, end - 1, 5))
        case _:
            return ""


def _steps(start: float, end: float, step: int) -> Iterator[float]:
    """Numbers from `start` up to `end`, `step` apart."""
    while start <= end:
        yield start
        start += step


def _stroke(start: float, left: float, right: float, top: int, height: int) -> str:
    """A line that rises from (`start`, bottom) by 45 degrees, cut off at the part's sides."""
    begin, end = max(start, left), min(start + height, right)
    if end <= begin:
        return ""
    bottom = top + height
    return f"M{begin:.1f} {bottom - (begin - start):.1f}L{end:.1f} {bottom - (end - start):.1f}"
