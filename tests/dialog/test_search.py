"""Full-text search, on whichever database the tests run."""

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection

from dialog.models import Synonyms
from dialog.search import alternatives
from measures.models import Measure
from tests.factories import MeasureFactory, SynonymsFactory


@pytest.fixture
def school(db) -> Measure:
    return MeasureFactory(
        title="Offene Ganztagsschule",
        summary="Jede Schule bietet Übungszeit.",
        description="Kinder lesen gemeinsam.",
        number="M-2009-777",
    )


def found(query: str) -> bool:
    return Measure.objects.search(query).exists()


@pytest.mark.parametrize(
    "query", ["Schule", "schule übungszeit", "ÜBUNGSZEIT", "M-2009-777", "m-2009-777", "", "   ", "gemeins"]
)
def test_what_is_there_is_found(school, query):
    assert found(query)


@pytest.mark.parametrize(
    "query",
    [
        "Schwimmbad",
        "Schule Schwimmbad",
        "%",
        "_",
        "' OR 1=1 --",
        '"',
        "\\",
        "):*&|!(<->",
        "مدرسة",
        "x" * 10_000,
        "\x00zz",
    ],
)
def test_what_is_not_there_is_not_found_and_nothing_breaks(school, query):
    assert not found(query)


def test_german_words_in_other_forms(school):
    """PostgreSQL stems; SQLite does not, which the README says."""
    assert found("Schulen") is (connection.vendor == "postgresql")


# ── words that mean the same ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kita(db) -> Synonyms:
    return SynonymsFactory(words="Kita, Kindertagesstätte, Kindertageseinrichtung")


@pytest.mark.parametrize("query", ["Kita", "KITAS", "Kindertagesstätten", "kindertagesstätte", "markt kita"])
def test_one_word_finds_the_others(kita, query):
    MeasureFactory(title="Die Kindertagesstätte am Markt")
    assert found(query)


@pytest.mark.parametrize("query", ["Kindertagesstätten", "Kindertageseinrichtungen", "Kita"])
def test_and_the_other_way_round(kita, query):
    MeasureFactory(title="Kita am Markt")
    assert found(query)
    assert not found(f"{query} Bahnhof")


def test_phrases_are_on_the_list_too(db):
    SynonymsFactory(words="ÖPNV, öffentlicher Nahverkehr, Bus und Bahn")
    MeasureFactory(title="Dichterer Takt für Bus und Bahn")
    assert found("ÖPNV")
    assert found("dichterer öffentlicher Nahverkehr")
    assert not found("öffentlicher Spielplatz")
    assert alternatives("Öffentlichen Nahverkehrs dicht") == [
        ["öffentlichen nahverkehrs", "öpnv", "öffentlicher nahverkehr", "bus und bahn"],
        ["dicht"],
    ]


def test_a_word_on_two_lines_finds_both(db):
    SynonymsFactory(words="Haus, Gebäude")
    SynonymsFactory(words="Haus, Heim")
    assert alternatives("Haus") == [["haus", "gebäude", "heim"]]


def test_a_change_of_the_list_is_in_effect_at_once_where_it_is_made(kita):
    MeasureFactory(title="Kita am Markt")
    assert not found("Krippe")
    kita.words += ", Krippe"
    kita.save()
    assert found("Krippe")
    kita.delete()
    assert not found("Krippe")


def test_the_list_is_read_once_for_many_searches(kita, django_assert_num_queries):
    cache.clear()
    with django_assert_num_queries(1):
        alternatives("Kita")
        alternatives("Kindertagesstätte")


@pytest.mark.parametrize("words", ["", "Kita", "Kita,, ,", ", ".join(f"Wort{n}" for n in range(13)), "Kita, kita"])
def test_a_line_that_says_nothing_is_refused(words):
    with pytest.raises(ValidationError):
        Synonyms(words=words).full_clean()


@pytest.mark.parametrize("words", ["a', 'b", "x) | (y, z", "%, _", "\\, '", "!, &", "مدرسة, Schule"])
def test_odd_signs_on_the_list_break_nothing(db, words):
    SynonymsFactory(words=words)
    MeasureFactory(title="Turnhalle")
    for word in [*words.split(", "), words]:
        assert not found(word)


def test_a_changed_title_is_found_at_once(school):
    school.title = "Lesepaten"
    school.save()
    assert found("Lesepaten")
    assert not found("Ganztagsschule")


def test_a_text_of_any_length_is_stored_and_its_beginning_found(school):
    words = " ".join(f"wort{number:06}" for number in range(200_000))
    Measure.objects.filter(pk=school.pk).update(search_text=words)
    assert found("wort000042")


def test_on_postgresql_the_index_is_used(school):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "measures_measure_search_stems" in Measure.objects.search("Schule").order_by().explain()
