"""Full-text search, on whichever database the tests run."""

import pytest
from django.db import connection

from measures.models import Measure
from tests.factories import MeasureFactory


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


def test_a_changed_title_is_found_at_once(school):
    school.title = "Lesepaten"
    school.save()
    assert found("Lesepaten")
    assert not found("Ganztagsschule")


def test_on_postgresql_the_index_is_used(school):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "measures_measure_search_text" in Measure.objects.search("Schule").order_by().explain()
