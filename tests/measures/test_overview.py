"""The overview in pictures and the indicators' pages: counts are true, drawings complete, nothing hidden is told."""

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialog.services import steps
from measures import overview
from measures.charts import GAP, LOOKS, WIDTH, bar_chart
from measures.models import Measure
from tests.factories import (
    FieldOfActionFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    StrandFactory,
)

ADDRESS = "/massnahmen/ueberblick/"
TODAY = dt.date(2026, 6, 15)
YEAR_AGO = dt.date(2025, 6, 15)


def began(day: dt.date, **values: Any) -> Measure:
    """A measure whose history begins on `day`."""
    measure = MeasureFactory.build(last_news_on=day, **values)
    measure.field.save()
    measure.lead.save()
    steps.date_history(measure, at=timezone.make_aware(dt.datetime.combine(day, dt.time(12))))
    measure.save()
    return measure


def took(measure: Measure, step: str, day: dt.date, **arguments: Any) -> None:
    """The measure took a step on `day`, which is news."""
    at = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
    measure.last_news_on = day
    steps.date_history(measure, at=at)
    steps.take(measure, step, by=None, at=at, **arguments)


def changes(area: overview.Area) -> dict[str, tuple[int, int]]:
    """Standing → (a year ago, now), where there is something."""
    return {row.standing: (row.then, row.now) for row in area.changes if row.then or row.now}


@pytest.mark.django_db
def test_it_compares_with_the_year_before_by_the_history(anonymous):
    old = began(dt.date(2025, 3, 1), decided=True)
    took(old, "begin", dt.date(2025, 9, 1))
    stopped = began(dt.date(2025, 4, 1), decided=True)
    took(stopped, "stop", dt.date(2026, 2, 1), reason="Das Geld fehlt.")
    began(dt.date(2026, 1, 1), decided=True)
    shown = overview.of(anonymous, TODAY)
    assert shown.then == YEAR_AGO
    assert changes(shown.city) == {"in_progress": (0, 1), "decided": (2, 1), "stopped": (0, 1)}
    assert (shown.city.total.then, shown.city.total.now, shown.city.total.difference) == (2, 3, "+1")
    assert [row.difference for row in shown.city.changes if row.standing == "decided"] == ["−1"]


@pytest.mark.django_db
def test_what_was_quiet_a_year_ago_is_judged_by_that_day(anonymous):
    measure = began(dt.date(2024, 3, 1), decided=True)
    took(measure, "begin", dt.date(2026, 5, 1))
    assert changes(overview.of(anonymous, TODAY).city) == {"quiet": (1, 0), "in_progress": (0, 1)}


@pytest.mark.django_db
def test_a_proposal_is_counted_from_its_decision_on(anonymous, planner):
    proposed = began(dt.date(2025, 3, 1), proposed=True)
    for user in (anonymous, planner):
        assert changes(overview.of(user, TODAY).city) == {}
    took(proposed, "decide", dt.date(2026, 3, 1), decided_by="Rat")
    assert changes(overview.of(anonymous, TODAY).city) == {"decided": (0, 1)}


@pytest.mark.django_db
def test_each_field_and_strand_has_its_own(anonymous):
    school, homes = FieldOfActionFactory(slug="schule"), FieldOfActionFactory(slug="wohnen")
    stone, people = StrandFactory(code="infrastructure"), StrandFactory(code="integration")
    MeasureFactory(field=school, strands=[stone, people], last_news_on=TODAY)
    MeasureFactory(field=school, strands=[people], done=True)
    MeasureFactory(field=homes, strands=[stone], proposed=True)
    shown = overview.of(anonymous, TODAY)
    assert [(area.query, area.total.now) for area in shown.fields] == [
        ("handlungsfeld=schule", 2),
        ("handlungsfeld=wohnen", 0),
    ]
    assert [(area.query, area.total.now) for area in shown.strands] == [
        ("strang=infrastructure", 1),
        ("strang=integration", 2),
    ]


@pytest.mark.django_db
def test_the_age_of_news_is_counted_for_what_is_unfinished(anonymous):
    for days in (0, 91, 92, 182, 183, 366, 367, 4000):
        MeasureFactory(last_news_on=TODAY - dt.timedelta(days=days))
    MeasureFactory(done=True, last_news_on=TODAY)
    shown = overview.of(anonymous, TODAY)
    assert [number for _words, number in shown.city.ages_in_words] == [2, 2, 2, 2]
    quiet = next(row for row in shown.city.changes if row.standing == "quiet")
    assert quiet.now == 2


@pytest.mark.parametrize(
    ("day", "before"),
    [((2026, 6, 15), (2025, 6, 15)), ((2028, 2, 29), (2027, 2, 28)), ((2027, 2, 28), (2026, 2, 28))],
)
def test_a_year_before(day, before):
    assert overview.a_year_before(dt.date(*day)) == dt.date(*before)


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_every_picture_is_also_words_and_a_table(client):
    field = FieldOfActionFactory(name="Lernen", slug="lernen")
    MeasureFactory(field=field, last_news_on=timezone.localdate())
    MeasureFactory(field=field, done=True)
    IndicatorValueFactory(indicator=IndicatorFactory(name="Ganztagsplätze", field=None))
    content = client.get(ADDRESS).content.decode()
    for drawing in re.findall(r"<svg[^>]*>", content):
        assert 'aria-hidden="true"' in drawing or re.search(r'role="img" aria-label="[^"]+: [^"]+"', drawing)
    assert 'aria-label="Lernen. heute: 1 abgeschlossen, 1 in Umsetzung;' in content
    drawn = len(re.findall(r'<svg class="bars"[^>]*role="img"', content))
    assert content.count("Zahlen als Tabelle") == drawn > 0
    assert "Ganztagsplätze" in content
    assert 'href="/massnahmen/?handlungsfeld=lernen&amp;stand=done"' in content
    assert "style=" not in content


@pytest.mark.django_db
def test_proposals_are_not_told_of(client, client_of, planner):
    MeasureFactory(proposed=True)
    for reader in (client, client_of(planner)):
        content = reader.get(ADDRESS).content.decode()
        assert "vorgeschlagen" not in content.lower()
        assert "Noch ist keine Maßnahme beschlossen." in content


@pytest.mark.django_db
def test_thirty_of_everything_need_no_more_queries_than_one(client):
    def add(number: int) -> int:
        for _ in range(number):
            measure = MeasureFactory(strands=[StrandFactory()])
            IndicatorValueFactory(indicator=IndicatorFactory(field=measure.field, measures=[measure]))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        return len(queries)

    assert add(1) == add(29) <= 12


@pytest.mark.django_db
def test_the_list_and_the_home_page_lead_there(client):
    for address in ("/", "/massnahmen/", "/massnahmen/karte/", "/kennzahlen/"):
        assert f'href="{ADDRESS}"' in client.get(address).content.decode()


# ── bars ────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_bars_have_one_scale_and_empty_parts_are_left_out():
    drawn = bar_chart([("heute", [("done", "fertig", 6), ("stop", "aus", 0)]), ("damals", [("done", "fertig", 3)])])
    now, then = drawn.bars
    assert [part.words for part in now.parts] == ["fertig"]
    assert float(now.parts[0].width) == pytest.approx(WIDTH - GAP, abs=0.1)
    assert float(then.parts[0].width) == pytest.approx(WIDTH / 2 - GAP, abs=0.1)
    assert drawn.description == "heute: 6 fertig; damals: 3 fertig"


def test_nothing_at_all_is_said_too():
    assert bar_chart([("heute", [("done", "fertig", 0)])]).description == "heute: nichts"


def test_no_two_standings_look_the_same_without_colour():
    """Those that share a pattern differ in lightness at least as much as text must from its ground for large signs."""

    def lightness(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for looks in ([overview.LOOKS[row] for row in overview.LOOKS], [mark for _days, mark, _words in overview.AGES]):
        seen: dict[str, list[float]] = {}
        for mark in looks:
            colour, pattern = LOOKS[mark]
            seen.setdefault(pattern, []).append(lightness(colour))
        for values in seen.values():
            light, dark = max(values) + 0.05, min(values) + 0.05
            assert len(values) == 1 or (len(values) == 2 and light / dark >= 2)


@settings(deadline=None, database=None)
@example([[("run", "so", 267)], [("dec", "so", 1), ("dec", "so", 1)]])
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(sorted(LOOKS)), st.just("so"), st.integers(0, 10_000)), max_size=7),
        min_size=1,
        max_size=4,
    )
)
def test_every_part_and_pattern_stays_inside_the_drawing(rows):
    drawn = bar_chart([("Zeile", parts) for parts in rows])
    for bar in drawn.bars:
        top, end = float(bar.y), 0.0
        for part in bar.parts:
            assert float(part.x) >= end - 0.11
            end = float(part.x) + float(part.width)
            numbers = [float(one) for one in re.findall(r"-?\d+\.?\d*", part.path.split("h0")[0])]
            assert not part.path or numbers
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", part.path):
                assert float(part.x) - 0.11 <= float(x) <= end + 0.11
                assert top - 0.11 <= float(y) <= top + 20.11
        assert end <= WIDTH + 0.11 + 3 * len(bar.parts)


def test_numbers_are_not_localised_in_the_drawing():
    drawn = bar_chart([("heute", [("run", "läuft", 1234), ("quiet", "still", 1)])])
    markup = render_to_string("measures/bar_drawing.html", {"chart": drawn, "label": "Stadt"})
    assert not re.search(r'(?:x|y|width|height|d)="[^"]*\d,\d', markup)
    assert "1.234" in markup or "1234" in markup


# ── indicators ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_an_indicator_has_its_own_page_with_or_without_a_field(client):
    for field in (FieldOfActionFactory(name="Lernen"), None):
        row: Any = IndicatorFactory(
            field=field, text="Wie viele Plätze es gibt.", target=400, target_year=2030, source="Amt für Statistik"
        )
        IndicatorValueFactory(indicator=row, year=2024, value=250)
        IndicatorValueFactory(indicator=row, year=2025, value=300)
        measure: Any = MeasureFactory(title="Mehr Ganztag")
        row.measures.add(measure, MeasureFactory(title="Geheimer Plan", proposed=True))
        content = html.unescape(client.get(row.get_absolute_url()).content.decode())
        for words in ("Wie viele Plätze es gibt.", "300 im Jahr 2025", "400 bis zum Jahr 2030", "Amt für Statistik"):
            assert words in content
        assert "2024: 250 Prozent; 2025: 300 Prozent; Ziel bis 2030: 400 Prozent" in content
        assert f'href="{measure.get_absolute_url()}"' in content
        assert "Geheimer Plan" not in content
        assert ("Lernen" in content) == (field is not None)
        assert f'href="{row.get_absolute_url()}"' in client.get("/kennzahlen/").content.decode()


@pytest.mark.django_db
def test_an_indicator_without_values_or_target_says_so(client):
    empty: Any = IndicatorFactory()
    without: Any = IndicatorFactory()
    IndicatorValueFactory(indicator=without)
    assert "Noch ist kein Wert eingetragen." in client.get(empty.get_absolute_url()).content.decode()
    assert "kein Ziel festgelegt" in client.get(without.get_absolute_url()).content.decode()
    assert "Noch ist kein Wert eingetragen." in client.get("/kennzahlen/").content.decode()
    assert client.get("/kennzahlen/gibt-es-nicht/").status_code == 404


@pytest.mark.django_db
def test_thirty_indicators_need_no_more_queries_than_one(client):
    def add(number: int) -> list[int]:
        for _ in range(number):
            one: Any = IndicatorFactory(field=FieldOfActionFactory(), measures=[MeasureFactory()])
            IndicatorValueFactory(indicator=one)
        for measure in Measure.objects.all():
            one.measures.add(measure)
        lengths = []
        for address in ("/kennzahlen/", one.get_absolute_url()):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            lengths.append(len(queries))
        return lengths

    few = add(1)
    assert add(29) == few
    assert max(few) <= 12
