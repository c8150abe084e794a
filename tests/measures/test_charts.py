"""Charts: true to scale, and complete in words."""

import re
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.charts import BOTTOM, LEFT, RIGHT, TOP, line_chart
from measures.models import Indicator, IndicatorValue


def chart(values, *, target=None, target_year=None, qualifiers=None):
    indicator = Indicator(name="Ganztagsplätze", unit="Plätze", target=target, target_year=target_year)
    rows = [
        IndicatorValue(year=year, value=Decimal(str(value)), qualifier=(qualifiers or {}).get(year, "exact"))
        for year, value in values.items()
    ]
    return line_chart(indicator, rows)


@pytest.mark.parametrize(("target", "stands"), [(80, "20"), (73, "-11"), (65, "-11"), (110, "-11"), (None, "-11")])
def test_the_line_of_the_target_does_not_strike_the_last_amount(target, stands):
    drawn = chart({2009: 66, 2010: 72}, target=target and Decimal(target))
    text = render_to_string("measures/line_drawing.html", {"chart": drawn})
    assert re.findall(r'class="amount" y="([-\d]+)"', text) == [stands]


def test_the_scale_begins_at_zero_and_ends_above_all():
    drawn = chart({2010: 150, 2008: 100, 2009: 130})
    assert [line.words for line in drawn.lines] == ["0", "50", "100", "150"]
    assert [mark.year for mark in drawn.marks] == [2008, 2009, 2010]
    assert (drawn.marks[0].x, drawn.marks[-1].x) == (f"{LEFT:.1f}", f"{RIGHT:.1f}")
    assert drawn.marks[-1].y == f"{TOP:.1f}"
    assert float(drawn.marks[0].y) == pytest.approx(BOTTOM - (BOTTOM - TOP) * 100 / 150, abs=0.1)


def test_the_target_is_on_the_same_scale():
    drawn = chart({2008: 100}, target=Decimal(400), target_year=2012)
    assert drawn.target.y == drawn.lines[-1].y
    assert drawn.target.words == "400"
    assert [year for _x, year in drawn.years] == [2008, 2012]
    assert drawn.description == "2008: 100 Plätze; Ziel bis 2012: 400 Plätze"


def test_bounds_are_said_and_drawn_otherwise():
    drawn = chart({2008: 25, 2009: "39.5"}, qualifiers={2008: "more_than", 2009: "nearly"})
    assert [mark.words for mark in drawn.marks] == ["mehr als 25", "knapp 39,5"]
    markup = render_to_string("measures/indicator_chart.html", {"chart": drawn})
    assert len(set(re.findall(r'<(?:path|circle) class="point" ([^>]+)>', markup))) == 2


def test_without_values_there_is_no_chart():
    assert chart({}) is None


def test_everything_drawn_is_also_in_the_table_and_numbers_are_not_localised_in_coordinates():
    drawn = chart({2008: "1234.5", 2009: 2000}, target=Decimal(3000))
    markup = render_to_string("measures/indicator_chart.html", {"chart": drawn})
    table = re.search(r"<table.*</table>", markup, re.S).group()
    for words in ("2008", "1.234,5", "2009", "2.000", "3.000"):
        assert words in table
    assert not re.search(r'(?:x1|x2|y1|y2|x|y|points)="[^"]*\d,\d+,', markup)
    assert "style=" not in markup
    assert (
        'role="img" aria-label="Ganztagsplätze. 2008: 1.234,5 Plätze; 2009: 2.000 Plätze; Ziel: 3.000 Plätze"' in markup
    )


amounts = st.integers(-(10**13), 10**13).map(lambda cents: Decimal(cents) / 100)


@settings(deadline=None, database=None)
@given(values=st.dictionaries(st.integers(1990, 2030), amounts, min_size=1, max_size=8), target=st.none() | amounts)
def test_every_point_is_inside_the_frame(values, target):
    drawn = chart(values, target=target)
    assert 2 <= len(drawn.lines) <= 7
    for y in [mark.y for mark in drawn.marks] + ([drawn.target.y] if drawn.target else []):
        assert TOP - 0.1 <= float(y) <= BOTTOM + 0.1
    for mark in drawn.marks:
        assert LEFT <= float(mark.x) <= RIGHT
