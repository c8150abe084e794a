"""The list of measures: every choice finds what it says, counts are true, and no address breaks it."""

import datetime as dt
import html
import random
import re
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from django.db.models import Q
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from dialog.models import Step
from measures.filters import AXES, IN_ADDRESS_ONLY, MeasureFilter
from measures.models import Measure
from tests.factories import (
    DistrictFactory,
    FieldOfActionFactory,
    GoalFactory,
    GuidelineFactory,
    MeasureFactory,
    OrganizationFactory,
    ResolutionFactory,
    ResolutionPointFactory,
    StrandFactory,
)

LIST = "/massnahmen/"


@pytest.fixture
def town(db) -> dict[str, Measure]:
    """Seven measures that differ on every axis; `hidden` is proposed."""
    today = timezone.localdate()
    fresh, old = today - dt.timedelta(days=10), today - dt.timedelta(days=400)
    school, homes = (
        FieldOfActionFactory(slug="schule", name="Schule"),
        FieldOfActionFactory(slug="wohnen", name="Wohnen"),
    )
    stone, people = StrandFactory(code="infrastructure"), StrandFactory(code="integration")
    gahmen, south = DistrictFactory(slug="gahmen", name="Gahmen"), DistrictFactory(slug="sued", name="Lünen-Süd")
    city, club = OrganizationFactory(slug="stadt", name="Stadt"), OrganizationFactory(slug="verein", name="Verein")
    resolution = ResolutionFactory(slug="grundsatz", title="Grundsatzbeschluss")
    one, two = (ResolutionPointFactory(resolution=resolution, position=n) for n in (1, 2))
    rows: list[dict[str, Any]] = [
        {"slug": "a", "title": "Ganztag an der Grundschule", "field": school, "lead": city, "strands": [stone],
         "districts": [gahmen], "number": "M-2008-001", "last_news_on": fresh, "decided_in": [one]},
        {"slug": "b", "title": "Überdachung am Spielplatz", "field": homes, "lead": city, "strands": [stone, people],
         "districts": [gahmen, south], "number": "M-2008-002", "last_news_on": fresh - dt.timedelta(days=1),
         "kind": "project", "decided_in": [one, two]},
        {"slug": "c", "title": "Elterncafé", "field": school, "lead": club, "strands": [people], "districts": [],
         "number": "M-2009-001", "last_news_on": old, "decided_in": [two]},
        {"slug": "d", "title": "Beete für alle", "field": homes, "lead": club, "strands": [people],
         "districts": [south], "number": "M-2009-002", "last_news_on": old, "state": "done", "progress": 100},
        {"slug": "e", "title": "Chor der Kulturen", "field": school, "lead": club, "strands": [people],
         "districts": [], "number": "M-2010-001", "last_news_on": fresh, "state": "decided", "progress": 0,
         "kind": "project"},
        {"slug": "f", "title": "Abgesagtes Fest", "field": homes, "lead": city, "strands": [stone],
         "districts": [], "number": "M-2010-002", "last_news_on": fresh, "state": "stopped",
         "stop_reason": "Kein Geld."},
        {"slug": "hidden", "title": "Geheimer Plan", "field": school, "lead": city, "strands": [stone],
         "districts": [gahmen], "number": "M-2010-003", "last_news_on": fresh, "state": "proposed", "progress": 0},
    ]  # fmt: skip
    return {row["slug"]: MeasureFactory(**row) for row in rows}


def listed(response: Any) -> list[str]:
    """The slugs of the measures on the page, in its order."""
    return re.findall(
        r'(?:<h3>|<th scope="row">)<a href="/massnahmen/M-\d{4}-\d+-([^/]+)/">', response.content.decode()
    )


def results(response: Any) -> int:
    return int(re.search(r'class="results">(\d+)', response.content.decode()).group(1))


def find(client: Client, **chosen: Any) -> set[str]:
    response = client.get(LIST, chosen)
    assert response.status_code == 200
    assert results(response) == len(listed(response))
    return set(listed(response))


def counts(response: Any, name: str) -> dict[str, int]:
    """What the form says beside the choices of a filter."""
    content = response.content.decode()
    boxes = re.findall(rf'name="{name}" value="([^"]+)"[^>]*>[^<]*<span>(\d+)</span>', content)
    select = re.search(rf'<select id="{name}".*?</select>', content, re.S)
    options = re.findall(r'<option value="([^"]+)"[^>]*>[^<]*\((\d+)\)', select.group() if select else "")
    return {value: int(number) for value, number in boxes + options}


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, "abcdef"),
        ({"handlungsfeld": "schule"}, "ace"),
        ({"handlungsfeld": ["schule", "wohnen"]}, "abcdef"),
        ({"stand": "in_progress"}, "ab"),
        ({"stand": "quiet"}, "c"),
        ({"stand": ["done", "decided"]}, "de"),
        ({"stand": "stopped"}, "f"),
        ({"strang": "integration"}, "bcde"),
        ({"strang": ["integration", "infrastructure"]}, "abcdef"),
        ({"art": "project"}, "be"),
        ({"ortsteil": "gahmen"}, "ab"),
        ({"ortsteil": ["gahmen", "sued"]}, "abd"),
        ({"ortsteil": "ganze-stadt"}, "cef"),
        ({"ortsteil": ["sued", "ganze-stadt"]}, "bcdef"),
        ({"federfuehrung": "verein"}, "cde"),
        ({"jahr": "2009"}, "cd"),
        ({"beschluss": "grundsatz.1"}, "ab"),
        ({"beschluss": "grundsatz.2"}, "bc"),
        ({"q": "spielplatz"}, "b"),
        ({"q": "ÜBERDACHUNG Spiel"}, "b"),
        ({"q": "M-2009"}, "cd"),
        ({"handlungsfeld": "schule", "strang": "integration", "art": "project"}, "e"),
        ({"handlungsfeld": "wohnen", "stand": "done", "ortsteil": "sued", "jahr": "2009", "q": "beete"}, "d"),
        ({"handlungsfeld": "schule", "stand": "done"}, ""),
    ],
)
def test_each_filter_finds_what_it_says(client, town, chosen, found):
    assert find(client, **chosen) == set(found)


@pytest.mark.parametrize(
    ("order", "expected"),
    [("", "aefbcd"), ("neues", "aefbcd"), ("ende", "cabedf"), ("titel", "fdecab"), ("nummer", "abcdef")],
)
def test_the_list_is_sorted(client, town, order, expected):
    """By planned end: what is to end first, then what has no day, then what is over."""
    for slug, day in (("c", dt.date(2030, 1, 31)), ("a", dt.date(2031, 1, 31)), ("d", dt.date(2020, 1, 31))):
        town[slug].ends_on = day
        town[slug].save()
    assert "".join(listed(client.get(LIST, {"sortierung": order}))) == expected


def test_counts_respect_the_other_filters_and_not_their_own(client, town):
    response = client.get(LIST, {"handlungsfeld": "schule", "strang": "integration"})
    assert counts(response, "handlungsfeld") == {"schule": 2, "wohnen": 2}
    assert counts(response, "strang") == {"infrastructure": 1, "integration": 2}
    assert counts(response, "stand") == {"done": 0, "in_progress": 0, "decided": 1, "quiet": 1, "stopped": 0}
    assert counts(response, "ortsteil") == {"gahmen": 0, "sued": 0, "ganze-stadt": 2}
    assert counts(response, "federfuehrung") == {"stadt": 0, "verein": 2}
    assert counts(response, "jahr") == {"2008": 0, "2009": 1, "2010": 1}


def asked_of_the_database(chosen: dict[str, list[str]], user: Any, today: dt.date) -> set[int]:
    """The same question in the database's own words."""
    rows = Measure.objects.visible_to(user).with_standing(today)
    for name, values in chosen.items():
        if not values:
            continue
        match name:
            case "q":
                rows = rows.search(values[-1])
            case "ortsteil":
                asked = Q(districts__slug__in=values)
                rows = rows.filter(asked | Q(districts=None) if "ganze-stadt" in values else asked)
            case "jahr":
                rows = rows.filter(number__startswith=f"M-{values[0]}-")
            case "beschluss":
                slug, position = values[0].split(".")
                rows = rows.filter(decided_in__resolution__slug=slug, decided_in__position=position)
            case "ziel":
                rows = rows.filter(goal=values[0])
            case "leitlinie":
                rows = rows.filter(guidelines=values[0])
            case "federfuehrung":
                rows = rows.filter(lead__slug=values[0])
            case _:
                columns = {
                    "handlungsfeld": "field__slug",
                    "stand": "standing",
                    "strang": "strands__code",
                    "art": "kind",
                }
                rows = rows.filter(**{f"{columns[name]}__in": values})
    return set(rows.values_list("pk", flat=True))


def test_every_count_is_what_the_database_finds(rf, town, anonymous):
    """The facets choose and count in memory; whatever is chosen, the database agrees."""
    random_ = random.Random(7)  # noqa: S311  (always the same choices)
    today = timezone.localdate()
    goal, guideline = GoalFactory(), GuidelineFactory()
    for slug in "abce":
        town[slug].goal = goal
        town[slug].save()
        town[slug].guidelines.add(guideline)
    values = {
        "handlungsfeld": ["schule", "wohnen"],
        "stand": ["done", "in_progress", "quiet", "decided", "stopped"],
        "strang": ["infrastructure", "integration"],
        "art": ["measure", "project"],
        "ortsteil": ["gahmen", "sued", "ganze-stadt"],
        "federfuehrung": ["stadt", "verein"],
        "jahr": ["2008", "2009", "2010"],
        "beschluss": ["grundsatz.1"],
        "ziel": [str(goal.pk)],
        "leitlinie": [str(guideline.pk)],
        "q": ["e", "beete", "ganztag"],
    }
    for _ in range(60):
        chosen = {
            name: random_.sample(few, random_.choice((0, 0, 1, min(2, len(few))))) for name, few in values.items()
        }
        filters = MeasureFilter(QueryDict(urlencode(chosen, doseq=True)), user=anonymous, today=today)
        assert set(filters.found) == asked_of_the_database(chosen, anonymous, today), chosen
        for group in filters.groups():
            for option in group.options:
                found = asked_of_the_database({**chosen, group.name: [option.value]}, anonymous, today)
                assert option.count == len(found), (chosen, group.name, option.value)


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["anonymous", "citizen", "member", "chair", "lead_contact"])
def test_proposals_are_neither_listed_nor_counted(role, users, town, client_of):
    response = client_of(users[role]).get(LIST, {"handlungsfeld": "schule"})
    assert "hidden" not in listed(response)
    assert "Geheimer Plan" not in response.content.decode()
    assert counts(response, "stand").get("proposed") is None
    assert counts(response, "ortsteil")["gahmen"] == 1
    assert set(listed(client_of(users[role]).get(LIST, {"stand": "proposed"}))) >= set("abcdef")
    assert listed(client_of(users[role]).get(LIST, {"q": "geheimer"})) == []


@pytest.mark.parametrize("role", ["planner", "operator"])
def test_the_planning_group_finds_proposals_without_showing_them_to_others(role, users, town, client_of):
    response = client_of(users[role]).get(LIST, {"handlungsfeld": "schule"})
    assert set(listed(response)) == {"a", "c", "e", "hidden"}
    assert counts(response, "stand")["proposed"] == 1
    assert "hidden" not in listed(client_of(users["anonymous"]).get(LIST))


# ── counts follow the data ──────────────────────────────────────────────────────────────────────────────


def test_counts_follow_every_change(client, town):
    def gahmen() -> int:
        return counts(client.get(LIST), "ortsteil")["gahmen"]

    def stopped() -> int:
        return counts(client.get(LIST), "stand")["stopped"]

    assert (gahmen(), stopped()) == (2, 1)
    town["c"].districts.add(town["a"].districts.get())
    assert gahmen() == 3
    town["c"].districts.clear()
    assert gahmen() == 2
    town["a"].stop(reason="Das Geld fehlt.")
    town["a"].save()
    assert stopped() == 2
    town["a"].delete()
    assert (gahmen(), stopped()) == (1, 1)
    MeasureFactory(stopped=True)
    assert stopped() == 2


def test_counts_follow_a_step_that_is_seen_after_a_later_one(client, town):
    """As on PostgreSQL, where two steps at the same time may be seen in another order than they took their keys."""

    def projects() -> int:
        return counts(client.get(LIST), "art")["project"]

    late = town["a"].history.get()
    town["a"].history.filter(pk=late.pk).delete()
    assert projects() == 2
    Measure.objects.filter(pk=town["a"].pk).update(kind=Measure.Kind.PROJECT)
    assert projects() == 2
    late.save()
    assert projects() == 3


def test_a_measure_falls_silent_by_the_calendar_alone(town, anonymous):
    def quiet(today: dt.date) -> int:
        filters = MeasureFilter(QueryDict("stand=quiet"), user=anonymous, today=today)
        assert set(filters.found) == asked_of_the_database({"stand": ["quiet"]}, anonymous, today)
        return filters.count

    today = timezone.localdate()
    assert quiet(today) == 1
    assert quiet(today + dt.timedelta(days=400)) == 4


def test_a_new_name_is_shown_at_once(client, town):
    client.get(LIST)
    field = town["a"].field
    field.name = "Lernen"
    field.save()
    content = client.get(LIST).content.decode()
    assert "Lernen<span>" in content
    assert 'field-bildung">Lernen' in content or f'field-{field.accent}">Lernen' in content
    assert ">Schule<" not in content


# ── what no address may break ───────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "handlungsfeld=gibt-es-nicht",
    "handlungsfeld=%3Cscript%3Ealert(1)%3C/script%3E",
    "stand=erledigt&stand=&stand=done",
    "jahr=2009x&jahr=99999999999999999999",
    "jahr=%D9%A2%D9%A0%D9%A0%D9%A9",
    "beschluss=grundsatz.1.1&beschluss=grundsatz.",
    "beschluss=grundsatz.99999999999999999999999",
    "beschluss=grundsatz.%C2%B2",
    "beschluss=.1",
    "ziel=x&ziel=-1&ziel=99999999999999999999",
    "leitlinie=%C2%B2&leitlinie=%00&leitlinie=123456789",
    "sortierung=drop+table",
    "ansicht=bild&ansicht=%00",
    "seite=-1",
    "seite=zwei",
    "seite=99999999999999999999",
    "seite=" + "9" * 5000,
    "q=" + "ä" * 3000,
    "q=" + "Kita+" * 2000,
    "q=%D8%B1%D9%88%D8%B6%D8%A9+%D8%A3%D8%B7%D9%81%D8%A7%D9%84",  # روضة أطفال, a kindergarten
    "q=" + "+".join(f"wort{n}" for n in range(500)),
    "q=%00%00",
    "q=a%00b&handlungsfeld=%00&federfuehrung=%00",
    "q=%25&ortsteil=%25",
    "q='%22%3B--&q=)",
    "q=%27+OR+1%3D1+--",
    "q=%5C%5C%27:*%20%26%20!",
    "q=%FF%FE&stand=%FF",
    "&".join(f"ortsteil=x{n}" for n in range(400)),
    "q[]=1&handlungsfeld[$ne]=x&__class__=1",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_address_breaks_the_list(client, town, query):
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
    assert len(response.content) < 60_000


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("handlungsfeld=gibt-es-nicht&handlungsfeld=schule", "„gibt-es-nicht“"),
        ("sortierung=wild&handlungsfeld=schule", "„wild“"),
        ("ansicht=bild&handlungsfeld=schule", "„bild“"),
        ("ortsteil=%3Cb%3E&handlungsfeld=schule", "„&lt;b&gt;“"),
        ("jahr=1999&handlungsfeld=schule", "„1999“"),
        (f"stand={'x' * 500}&handlungsfeld=schule", f"„{'x' * 40}“"),
    ],
)
def test_what_is_not_known_is_named_and_the_rest_still_holds(client, town, query, named):
    response = client.get(f"{LIST}?{query}")
    assert named in response.content.decode()
    assert set(listed(response)) == {"a", "c", "e"}


def test_a_known_choice_raises_no_hint(client, town):
    assert "kennen wir nicht" not in client.get(f"{LIST}?handlungsfeld=schule&q=&federfuehrung=").content.decode()


def test_signs_that_mean_something_to_the_database_are_only_signs(client, town):
    assert find(client, q="%") == set()
    assert find(client, q="_") == set()
    MeasureFactory(slug="g", title="100 % barrierefrei", last_news_on=timezone.localdate())
    assert find(client, q="100 %") == {"g"}


# ── as a table ─────────────────────────────────────────────────────────────────────────────────────────


def cells(response: Any) -> list[list[str]]:
    """What the rows of the table say, cell by cell."""
    rows = re.findall(r"<tr>(.*?)</tr>", response.content.decode().partition("<tbody>")[2], re.S)
    return [
        [
            " ".join(html.unescape(re.sub("<[^>]*>", " ", cell)).split())
            for cell in re.findall(r"<t[dh].*?</t[dh]>", row)
        ]
        for row in rows
    ]


def test_the_list_can_be_looked_at_as_a_table(client, town):
    measure = town["b"]
    measure.ends_on = dt.date(2031, 6, 30)
    measure.save()
    response = client.get(LIST, {"ansicht": "tabelle", "q": "spielplatz"})
    heads = re.findall(r'<th scope="col">(.*?)</th>', response.content.decode())
    assert dict(zip(heads, cells(response)[0], strict=True)) == {
        "Nummer": "M-2008-002",
        "Titel": "Überdachung am Spielplatz",
        "Handlungsfeld": "Wohnen",
        "Stand": "In Umsetzung 40 %",
        "Federführung": "Stadt",
        "Letzte Neuigkeit": date_format(measure.last_news_on, "j. F Y"),
        "Geplantes Ende": "Juni 2031",
    }


def test_the_table_has_the_rows_of_the_list_in_its_order(client, town):
    for chosen in ({}, {"sortierung": "titel"}, {"handlungsfeld": "schule", "sortierung": "nummer"}):
        assert listed(client.get(LIST, {**chosen, "ansicht": "tabelle"})) == listed(client.get(LIST, chosen)) != []


def test_a_table_stays_one_through_filters_sorting_and_back_to_a_list(client, town):
    response = client.get(f"{LIST}?ansicht=tabelle&handlungsfeld=schule&sortierung=titel")
    content = html.unescape(response.content.decode())
    assert '<input type="hidden" name="ansicht" value="tabelle">' in content
    assert links(response, "chip") == [
        {"ansicht": ["tabelle"], "sortierung": ["titel"]},
        {"ansicht": ["tabelle"], "sortierung": ["titel"]},
    ]
    chosen = {"handlungsfeld": ["schule"], "sortierung": ["nummer"], "ansicht": ["tabelle"]}
    assert parse_qs(re.search(r'href="\?([^"]*)">Nummer</a>', content).group(1)) == chosen
    back = re.search(r'href="\?([^"]*)">Als Liste</a>', content).group(1)
    assert parse_qs(back) == {"handlungsfeld": ["schule"], "sortierung": ["titel"]}
    there = re.search(r'href="\?([^"]*)">Als Tabelle</a>', html.unescape(client.get(f"{LIST}?{back}").content.decode()))
    assert parse_qs(there.group(1)) == {**parse_qs(back), "ansicht": ["tabelle"]}


# ── ways out ────────────────────────────────────────────────────────────────────────────────────────────


def links(response: Any, kind: str) -> list[dict[str, list[str]]]:
    """The parameters of the links of a class, or of those in the empty list."""
    content = response.content.decode()
    pattern = r'<a class="chip" href="\?([^"]*)"' if kind == "chip" else r'<li><a href="\?([^"]*)">ohne'
    return [parse_qs(html.unescape(query)) for query in re.findall(pattern, content)]


def test_each_choice_can_be_taken_back_alone(client, town):
    response = client.get(f"{LIST}?stand=done&stand=quiet&ortsteil=sued&q=e&sortierung=titel&seite=1")
    assert links(response, "chip") == [
        {"stand": ["done", "quiet"], "ortsteil": ["sued"], "sortierung": ["titel"]},
        {"q": ["e"], "stand": ["quiet"], "ortsteil": ["sued"], "sortierung": ["titel"]},
        {"q": ["e"], "stand": ["done"], "ortsteil": ["sued"], "sortierung": ["titel"]},
        {"q": ["e"], "stand": ["done", "quiet"], "sortierung": ["titel"]},
        {"sortierung": ["titel"]},
    ]
    assert links(client.get(LIST), "chip") == []


def test_an_empty_list_says_which_filter_to_loosen(client, town):
    response = client.get(f"{LIST}?handlungsfeld=schule&stand=done&q=beete")
    assert results(response) == 0
    assert links(response, "loosen") == [{"q": ["beete"], "stand": ["done"]}]
    assert "ohne „Handlungsfeld“: 1 Maßnahme" in response.content.decode()


def test_an_empty_list_where_no_single_filter_helps_says_so(client, town):
    response = client.get(f"{LIST}?handlungsfeld=schule&stand=done&q=nirgends")
    assert links(response, "loosen") == []
    assert "mehrere Filter aufheben" in response.content.decode()


def test_a_portal_without_measures_says_so(client, db):
    assert "Noch ist keine Maßnahme eingetragen" in client.get(LIST).content.decode()


def saved(response: Any) -> str:
    """The address under which the list can be kept; the link and the field say the same."""
    content = html.unescape(response.content.decode())
    field = re.search(r'id="auswahl-adresse" value="([^"]*)" readonly', content).group(1)
    assert f'<a href="{field}">Link zu dieser Auswahl</a>' in content
    return field


def test_a_choice_can_be_kept_as_a_link_that_finds_the_same(client, town, settings):
    settings.BASE_URL = "https://dialog.example.org"
    chosen = {"ortsteil": ["gahmen", "sued"], "q": "ü & e", "sortierung": "titel", "seite": "1", "unsinn": "x"}
    address = saved(client.get(LIST, {**chosen, "q": "spielplatz"}))
    assert address.startswith("https://dialog.example.org/massnahmen/?")
    kept = {"q": ["spielplatz"], "ortsteil": ["gahmen", "sued"], "sortierung": ["titel"]}
    assert parse_qs(address.partition("?")[2]) == kept
    path = address.removeprefix("https://dialog.example.org")
    assert listed(client.get(path)) == listed(client.get(LIST, {**chosen, "q": "spielplatz"})) != []
    assert saved(client.get(path)) == address
    assert "auswahl-adresse" not in client.get(LIST).content.decode()


@pytest.mark.parametrize(("asked", "named"), [("99", "„99“"), ("-1", "„-1“"), ("zwei", "„zwei“"), ("9" * 500, "999…“")])
def test_a_page_that_does_not_exist_is_named_and_the_nearest_shown(client, town, asked, named):
    content = client.get(LIST, {"seite": asked}).content.decode()
    assert named in content
    assert "Sie sehen Seite 1 von 1." in content
    assert "Sie sehen Seite" not in client.get(LIST, {"seite": "1"}).content.decode()


# ── many ────────────────────────────────────────────────────────────────────────────────────────────────


def fill(total: int) -> None:
    """Measures up to `total`, with links on every axis."""
    have = Measure.objects.count()
    base = MeasureFactory(strands=[StrandFactory()], districts=[DistrictFactory()], partners=[OrganizationFactory()])
    fields = [base.field, FieldOfActionFactory()]
    leads = [base.lead, OrganizationFactory()]
    rows = [
        Measure(
            number=f"M-2011-{n:03}", title=f"Maßnahme {n}", slug=f"n-{n}", summary="Kurz.", state="in_progress",
            field=fields[n % 2], lead=leads[n % 2], last_news_on=dt.date(2012, 1, 1) + dt.timedelta(days=n),
            search_text=f"maßnahme {n}".casefold(),
        )
        for n in range(have, total - 1)
    ]  # fmt: skip
    Measure.objects.bulk_create(rows)
    keys = Measure.objects.filter(number__startswith="M-2011").values_list("pk", flat=True)
    for through, column, row in (
        (Measure.strands.through, "strand", base.strands.get()),
        (Measure.districts.through, "district", base.districts.get()),
    ):
        linked = through.objects.values_list("measure", flat=True)
        through.objects.bulk_create(through(measure_id=key, **{column: row}) for key in set(keys) - set(linked))


QUERIES = [
    "",
    "ansicht=tabelle",
    "handlungsfeld=handlungsfeld-1&stand=quiet",
    "q=maßnahme",
    "q=maßnahme+7&sortierung=titel",
    "seite=2",
]


@pytest.mark.django_db
@pytest.mark.parametrize("query", QUERIES)
def test_a_thousand_measures_need_no_more_queries_than_thirty(client, query):
    from django.db import connection

    def number() -> tuple[int, int]:
        """Right after the data changed, and once more."""
        numbers = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                response = client.get(f"{LIST}?{query}")
            assert response.status_code == 200
            assert len(response.content) < 60_000
            numbers.append(len(queries))
        return numbers[0], numbers[1]

    client.get(f"{LIST}?{query}")  # what a search reads once, whatever the measures
    fill(30)
    few = number()
    fill(1000)
    assert number() == few
    assert max(few) <= 12


@pytest.mark.django_db
def test_pages_hold_25_and_keep_what_is_chosen(client):
    fill(60)
    response = client.get(f"{LIST}?q=maßnahme&sortierung=nummer&ansicht=tabelle&seite=2")
    assert len(listed(response)) == 25
    addresses = [
        parse_qs(html.unescape(q)) for q in re.findall(r'href="\?([^"]*)" rel="next"', response.content.decode())
    ]
    assert addresses == [{"q": ["maßnahme"], "sortierung": ["nummer"], "ansicht": ["tabelle"], "seite": ["3"]}]
    seen = [slug for n in (1, 2, 3) for slug in listed(client.get(f"{LIST}?q=maßnahme&seite={n}"))]
    assert len(seen) == len(set(seen)) == results(response)


def test_reading_leaves_no_trace(client, town):
    response = client.get(f"{LIST}?handlungsfeld=schule")
    assert not response.cookies
    assert not Step.objects.exists()
    assert "csrfmiddlewaretoken" not in response.content.decode()


def test_every_axis_is_in_the_form(client, town):
    content = client.get(LIST).content.decode()
    for name in set(AXES) - IN_ADDRESS_ONLY:
        assert f'name="{name}"' in content
