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
