"""SQLite's index of parts of words: it is used, it is true after every change, and search does without it."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from dialog import search_index
from measures.models import Measure
from tests.factories import MeasureFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has an index of its own"),
]
DROPPED = ("measures_measure_parts_new", "measures_measure_parts_gone", "measures_measure_parts_changed")


def found(words: str) -> set[str]:
    return set(Measure.objects.search(words).values_list("title", flat=True))


def drop() -> None:
    with connection.cursor() as cursor:
        for trigger in DROPPED:
            cursor.execute(f"DROP TRIGGER {trigger}")


def test_the_index_is_asked():
    assert search_index.has_parts(connection, Measure)
    plan = Measure.objects.search("Schulhof Eiche").explain()
    assert "VIRTUAL TABLE INDEX" in plan
    assert "_parts" in str(Measure.objects.search("Schulhof").query)
    assert "_parts" not in str(Measure.objects.search("Öl").query)


def test_it_follows_every_change():
    measure = MeasureFactory(title="Schulhof mit Eiche")
    assert found("chulho") == found("ei schulhof") == {"Schulhof mit Eiche"}
    measure.title = "Schulhof mit Linde"
    measure.save()
    assert (found("eiche"), found("LINDE")) == (set(), {"Schulhof mit Linde"})
    Measure.objects.filter(pk=measure.pk).update(search_text="ganz anders")
    assert (found("linde"), found("ganz")) == (set(), {"Schulhof mit Linde"})
    measure.delete()
    assert found("ganz") == set()


@pytest.mark.parametrize(
    "words", ["ab", "schulhof ab", "mit eiche", 'eiche"', "' OR 1=1 --", "e*", "eiche NOT hof", "ß"]
)
def test_it_finds_what_reading_every_row_finds(words):
    for title in ("Schulhof mit Eiche", "Ab in den Hof", 'Die „Eiche" am Hof', "Straße* ab Schulhof", "eiche not hof"):
        MeasureFactory(title=title)
    with_index = found(words)
    drop()
    assert not search_index.has_parts(connection, Measure)
    assert found(words) == with_index


def test_after_a_migration_that_cost_the_triggers_it_is_made_anew():
    MeasureFactory(title="Vorher")
    drop()
    MeasureFactory(title="Mittendrin")
    search_index.look_after(apps.get_app_config("measures"), "default")
    MeasureFactory(title="Nachher")
    assert [found(words) for words in ("vorher", "mittendrin", "nachher")] == [{"Vorher"}, {"Mittendrin"}, {"Nachher"}]


@pytest.mark.django_db(transaction=True)
def test_it_is_there_after_all_data_were_deleted():
    MeasureFactory(title="Vorher")
    call_command("flush", interactive=False, verbosity=0)
    MeasureFactory(title="Nachher")
    assert (found("vorher"), found("nachher")) == (set(), {"Nachher"})
