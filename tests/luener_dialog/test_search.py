"""Search over everything: finds it, says how much there is, and tells nobody what is not for them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from luener_dialog.search import KINDS, SHOWN, cleaned, excerpt
from tests.factories import (
    BodyFactory,
    ConferenceFactory,
    CooperationAgreementFactory,
    DeclarationFactory,
    MeasureFactory,
    MinutesFactory,
    OrganizationFactory,
    ProcessFactory,
    RecommendationFactory,
    ResolutionFactory,
    SynonymsFactory,
)

WORD = "Lippeaue"


def page(client: Client, query: str, **more: str) -> str:
    response = client.get("/suche/", {"q": query, **more})
    assert response.status_code == 200
    return response.content.decode()


ROWS = {
    "massnahmen": lambda: MeasureFactory(title=f"Wege in der {WORD}"),
    "beschluesse": lambda: ResolutionFactory(title=f"Beschluss zur {WORD}"),
    "empfehlungen": lambda: RecommendationFactory(title=f"Bänke in der {WORD}"),
    "gremien": lambda: BodyFactory(name=f"Gruppe {WORD}"),
    "konferenzen": lambda: ConferenceFactory(title=f"Konferenz {WORD}"),
    "vereinbarungen": lambda: CooperationAgreementFactory(title=f"Pflege der {WORD}"),
    "erklaerungen": lambda: DeclarationFactory(title=f"Erklärung zur {WORD}"),
    "niederschriften": lambda: MinutesFactory(published=True, meeting__is_public=True, text=f"Bänke in der {WORD}"),
    "prozesse": lambda: ProcessFactory(name=f"Dialog {WORD}"),
    "institutionen": lambda: MeasureFactory(lead=OrganizationFactory(name=f"Verein {WORD}")).lead,
}


def test_there_is_a_row_of_every_kind_to_look_for() -> None:
    assert set(ROWS) == set(KINDS)


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ROWS)
def test_every_kind_of_entry_is_found_and_linked(client: Client, slug: str) -> None:
    row = ROWS[slug]()
    html = page(client, WORD.upper())
    address = f"/massnahmen/?federfuehrung={row.slug}" if slug == "institutionen" else row.get_absolute_url()
    assert f'<a href="{address}">{row}</a>' in html
    assert "<b>1 Treffer</b>" in html


@pytest.mark.django_db
def test_a_drafted_recommendation_and_a_proposed_measure_are_not_found(client: Client) -> None:
    RecommendationFactory(title=f"Entwurf {WORD}", drafted=True)
    MeasureFactory(title=f"Vorschlag {WORD}", state="proposed", lead=OrganizationFactory(name=f"Amt {WORD}"))
    html = page(client, WORD)
    assert "Kein Treffer" in html
    for hidden in ("Entwurf", "Vorschlag", "Amt Lippeaue"):
        assert hidden not in html


@pytest.mark.django_db
def test_members_find_their_drafts_and_the_planning_group_finds_everything(
    client_of: Callable[[Any], Client], member: Any, planner: Any, working_group: Any
) -> None:
    RecommendationFactory(title=f"Entwurf {WORD}", drafted=True, body=working_group)
    MeasureFactory(title=f"Vorschlag {WORD}", state="proposed")
    assert f"Entwurf {WORD}" in page(client_of(member), WORD)
    assert "Vorschlag" not in page(client_of(member), WORD)
    assert f"Vorschlag {WORD}" in page(client_of(planner), WORD)


@pytest.mark.django_db
def test_all_words_must_be_there(client: Client) -> None:
    MeasureFactory(title="Schule am Fluss")
    assert "Schule am Fluss" in page(client, "fluss schule")
    assert "Kein Treffer" in page(client, "fluss bahnhof")


@pytest.mark.django_db
def test_hits_in_the_heading_come_first(client: Client) -> None:
    MeasureFactory(title="Radweg", summary="führt zur Bibliothek", number="M-2009-901")
    MeasureFactory(title="Bibliothek", summary="wird neu", number="M-2009-902", last_news_on="2001-01-01")
    html = page(client, "Bibliothek")
    assert html.index(">Bibliothek</a>") < html.index(">Radweg</a>")


@pytest.mark.django_db
def test_only_the_first_are_shown_with_the_number_of_all_and_the_way_to_them(client: Client) -> None:
    for _n in range(SHOWN + 2):
        MeasureFactory(title="Radweg")
        CooperationAgreementFactory(text="über einen Radweg")
    html = page(client, "Radweg")
    assert html.count(">Radweg</a>") == SHOWN
    assert f"Alle {SHOWN + 2} ansehen" in html
    assert 'href="/massnahmen/?q=Radweg"' in html
    assert 'href="/suche/?q=Radweg&amp;art=vereinbarungen"' in html


@pytest.mark.django_db
def test_one_kind_alone_is_shown_page_by_page(client: Client) -> None:
    for _n in range(25):
        CooperationAgreementFactory(text="über einen Radweg")
    MeasureFactory(title="Radweg")
    first, second = page(client, "Radweg", art="vereinbarungen"), page(client, "Radweg", art="vereinbarungen", page="2")
    assert first.count("<h3>") == 20
    assert second.count("<h3>") == 5
    assert "Maßnahmen und Projekte" not in first.split("<main")[1].split("<footer")[0]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "   ", "\x00", "\x00\x01\t"])
def test_without_a_word_it_says_what_is_searched(client: Client, query: str) -> None:
    MeasureFactory()
    html = page(client, query)
    assert "Gesucht wird in" in html
    assert "Treffer" not in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE measures_measure; --",
        "<script>alert(1)</script>",
        "%_\\%",
        "((((*&|!:",
        "a" * 5000,
        "schule " * 500,
        "🦢 \u202e\u200b",
        "\ud800",
    ],
)
@pytest.mark.parametrize("kind", ["", "massnahmen", "../../etc/passwd"])
def test_hostile_input_is_harmless(client: Client, query: str, kind: str) -> None:
    MeasureFactory(title="Schule")
    query = query.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    html = page(client, query, art=kind, page="-1 OR 1=1")
    assert "<script>alert" not in html


@pytest.mark.django_db
def test_no_hit_helps_on(client: Client) -> None:
    html = page(client, "Xylophon")
    assert "Das hilft oft" in html
    assert 'value="Xylophon"' in html


@pytest.mark.django_db
def test_thirty_rows_of_each_kind_need_no_more_queries_than_one(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def rows(number: int) -> None:
        for _n in range(number):
            for make in (
                lambda: MeasureFactory(summary=WORD, lead__name=f"{WORD} {MeasureFactory._meta.model.objects.count()}"),
                lambda: ResolutionFactory(summary=WORD),
                lambda: RecommendationFactory(wording=WORD),
                lambda: BodyFactory(task=WORD),
                lambda: CooperationAgreementFactory(text=WORD),
                lambda: DeclarationFactory(text=WORD),
                lambda: ProcessFactory(summary=WORD),
            ):
                make()

    rows(1)
    page(client, WORD)  # reads the list of synonyms, which is kept
    with django_assert_max_num_queries(len(KINDS)) as few:
        page(client, WORD)
    number = len(few)
    rows(29)
    with django_assert_num_queries(number):
        page(client, WORD)


def test_an_excerpt_shows_the_hit_and_marks_it_and_nothing_else_becomes_markup() -> None:
    text = "Am Anfang steht viel. " * 20 + "Dann <b>kommt</b> die Schule & mehr. " + "Und noch viel. " * 20
    found = excerpt(text, ["schule"])
    assert "<mark>Schule</mark>" in found
    assert "&lt;b&gt;kommt&lt;/b&gt;" in found
    assert found.startswith("… ")
    assert found.endswith(" …")


def test_an_excerpt_without_a_hit_is_the_beginning() -> None:
    assert excerpt("Kurz und gut", ["nichts"]) == "Kurz und gut"


@pytest.mark.django_db
def test_a_word_that_means_the_same_is_found_and_marked(client: Client) -> None:
    SynonymsFactory(words="Kita, Kindertagesstätte")
    MeasureFactory(title="Mehr Plätze", summary="Die Kindertagesstätte am Markt baut an.")
    html = page(client, "Kita")
    assert "<b>1 Treffer</b>" in html
    assert "<mark>Kindertagesstätte</mark>" in html


def test_a_query_is_cut_where_the_search_stops_reading() -> None:
    assert len(cleaned("wort " * 500).split()) == 12
    assert len(cleaned("w" * 5000)) == 200
