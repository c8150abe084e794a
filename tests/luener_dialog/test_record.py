"""The city's record: what it says, and how it is loaded."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from conferences.models import Conference
from dialog.models import (
    Addressee,
    Body,
    Declaration,
    FieldOfAction,
    Membership,
    Milestone,
    NumberSeries,
    Phase,
    Principle,
    Process,
    Recommendation,
    Recorded,
    Seat,
)
from luener_dialog.demo import record
from luener_dialog.demo.files import RecordError
from measures.models import (
    CooperationAgreement,
    Goal,
    Guideline,
    IndicatorValue,
    Measure,
    Resolution,
    ResolutionPoint,
)
from tests.factories import berlin

pytestmark = pytest.mark.django_db

DAY, MONTH, YEAR = "day", "month", "year"


@pytest.fixture
def loaded(db: None) -> record.Counts:
    return record.load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the record that a test may spoil."""
    return Path(shutil.copytree(record.FOLDER, tmp_path / "record"))


@pytest.fixture
def change(folder: Path) -> Callable[[str, str, str], None]:
    """Replaces a text that occurs in a file of `folder`, once."""

    def replace(name: str, old: str, new: str) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def recorded_models() -> Iterator[type[Recorded]]:
    for model in apps.get_models():
        if issubclass(model, Recorded):
            yield model


def counts_of_all_tables() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models(include_auto_created=True)}


# ── what it says ────────────────────────────────────────────────────────────────────────────────────────


def test_four_processes_and_how_they_became_one(loaded: record.Counts) -> None:
    def successor(key: str) -> str:
        return Process.objects.get(slug=key).successor.slug

    assert Process.objects.count() == 4
    assert successor("komm-in-2007") == "komm-in-2008"
    assert successor("komm-in-2008") == successor("zukunftsdialog-infrastruktur") == "luener-dialog"
    merged = Process.objects.get(slug="luener-dialog")
    assert merged.successor is None
    assert {strand.code for strand in merged.strands.all()} == {"infrastructure", "integration"}


def test_phases_are_dated_to_the_month(loaded: record.Counts) -> None:
    phases = Phase.objects.filter(process__slug="zukunftsdialog-infrastruktur")

    assert [(phase.name, phase.starts_on, phase.ends_on, phase.date_precision) for phase in phases] == [
        ("Starterphase", dt.date(2006, 11, 1), dt.date(2007, 3, 31), MONTH),
        ("Vertiefungsphase", dt.date(2007, 4, 1), dt.date(2007, 7, 31), MONTH),
        ("Operationalisierungsphase", dt.date(2007, 8, 1), dt.date(2007, 12, 31), MONTH),
        ("Validierung und Dokumentation", dt.date(2008, 1, 1), dt.date(2008, 6, 30), MONTH),
        ("Umsetzungsphase", dt.date(2008, 7, 1), None, MONTH),
    ]
    structure = Phase.objects.get(process__slug="luener-dialog")
    assert (structure.starts_on.year, structure.ends_on.year, structure.date_precision) == (2009, 2014, YEAR)


def test_milestones_of_komm_in(loaded: record.Counts) -> None:
    milestones = Milestone.objects.filter(process__slug__startswith="komm-in")

    assert [(row.kind, row.date, row.date_precision) for row in milestones] == [
        ("milestone", dt.date(2007, 9, 5), DAY),
        ("milestone", dt.date(2008, 1, 1), MONTH),
        ("conference", dt.date(2008, 2, 12), DAY),
        ("workshop", dt.date(2008, 9, 1), MONTH),
        ("workshop", dt.date(2008, 10, 1), MONTH),
        ("workshop", dt.date(2008, 11, 1), MONTH),
        ("conference", dt.date(2008, 12, 18), DAY),
        ("conference", dt.date(2009, 1, 27), DAY),
    ]


def test_a_milestone_known_only_by_its_year_still_stands_in_order(loaded: record.Counts) -> None:
    workshop = Milestone.objects.get(record_key="zukunftsdialog-infrastruktur/workshop-gahmen")

    assert (workshop.date, workshop.date_precision) == (dt.date(2007, 12, 31), YEAR)


def test_six_open_working_groups_of_which_two_are_an_assumption(loaded: record.Counts) -> None:
    groups = Body.objects.joinable()

    assert [group.name for group in groups] == [
        "Bildung, Erziehung und Kultur",
        "Arbeit und Wirtschaft",
        "Stadtentwicklung und Wohnen",
        "Interkultureller Dialog",
        "Sport und Freizeit",
        "Kommunale Bildungslandschaft",
    ]
    assert [group.name for group in groups if group.note.startswith("Annahme")] == [
        "Sport und Freizeit",
        "Kommunale Bildungslandschaft",
    ]
    assert {group.seats.count() for group in groups} == {6}
    assert {group.seats.last().name for group in groups} == {"Interessierte Bürgerinnen und Bürger"}


def test_bodies_of_the_process_with_their_leads(loaded: record.Counts) -> None:
    leads = Membership.objects.active().filter(role="chair").select_related("body", "person")

    assert {(row.body.kind, row.person.name, row.person.office) for row in leads} == {
        ("steering_group", "Hans Wilhelm Stodollick", "Bürgermeister"),
        ("planning_group", "Klencz", "Erster Beigeordneter"),
    }
    assert all(row.person.office_public for row in leads)
    assert [seat.name for seat in Seat.objects.filter(body__slug="steuerungsgruppe")] == [
        "Verwaltungsvorstand",
        "Mitglieder des Rates",
        "Vertretungen der Arbeitsgruppen",
        "Vorsitz des Migrationsrates",
        "Gleichstellungsbeauftragte",
    ]


def test_groups_of_the_earlier_dialogues_have_ended(loaded: record.Counts) -> None:
    ended = Body.objects.exclude(ended_on=None)

    assert ended.filter(process__slug="zukunftsdialog-infrastruktur").count() == 4
    assert not ended.filter(is_open=True).exists()


def test_the_basic_resolution_has_seven_points(loaded: record.Counts) -> None:
    resolution = Resolution.objects.get(adopted_on=dt.date(2008, 10, 30))

    assert [(point.position, point.addressee, point.state) for point in resolution.points.all()] == [
        (1, "council", "ongoing"),
        (2, "administration", "under_way"),
        (3, "participants", "ongoing"),
        (4, "administration", "ongoing"),
        (5, "administration", "open"),
        (6, "council", "under_way"),
        (7, "council", "ongoing"),
    ]
    assert resolution.points.get(position=5).together_with


def test_gahmen_was_recommended_by_both_dialogues_and_decided_twice(loaded: record.Counts) -> None:
    measure = Measure.objects.get(number="M-2008-003")

    assert measure.title == "Soziale Stadt Gahmen"
    assert {row.body.process.slug for row in measure.recommended_by.all()} == {
        "zukunftsdialog-infrastruktur",
        "komm-in-2007",
    }
    assert [(row.resolution.adopted_on, row.position) for row in measure.decided_in.all()] == [
        (dt.date(2008, 10, 30), 2),
        (dt.date(2008, 9, 4), 1),
    ]
    assert measure.strands.count() == 2
    assert [district.name for district in measure.districts.all()] == ["Gahmen"]


def test_every_measure_was_decided_by_point_two(loaded: record.Counts) -> None:
    point = ResolutionPoint.objects.get(resolution__adopted_on=dt.date(2008, 10, 30), position=2)

    assert point.measures.count() == Measure.objects.count() == 14
    assert set(Measure.objects.values_list("state", "progress", "last_news_on")) == {
        ("decided", 0, dt.date(2008, 10, 30))
    }
    assert Measure.objects.filter(kind="project").count() == 3


def test_the_network_has_five_activities_without_a_date(loaded: record.Counts) -> None:
    measure = Measure.objects.get(number="M-2008-002")

    assert measure.lead.short_name == "WZL"
    assert [milestone.position for milestone in measure.milestones.all()] == [1, 2, 3, 4, 5]
    assert {milestone.due_on for milestone in measure.milestones.all()} == {None}


def test_guidelines_and_goals_of_the_four_fields(loaded: record.Counts) -> None:
    fields = FieldOfAction.objects.all()

    assert [field.accent for field in fields] == ["bildung", "arbeit", "stadt", "dialog"]
    assert [field.guidelines.count() for field in fields] == [3, 4, 2, 4]
    assert [field.goals.count() for field in fields] == [3, 3, 3, 3]
    assert Guideline.objects.count() == 13
    assert {goal.strands.count() for goal in Goal.objects.filter(field__slug="stadtentwicklung-und-wohnen")} == {2}


def test_recommendations_of_the_migration_council(loaded: record.Counts) -> None:
    recommendations = Recommendation.objects.filter(body__kind="advisory_council")

    assert set(recommendations.values_list("date", "date_precision", "state")) == {
        (dt.date(2008, 10, 1), MONTH, "presented")
    }
    assert recommendations.count() == 4
    # The brochure names no addressee.
    assert not Addressee.objects.exists()


def test_eight_agreements_of_september_2008(loaded: record.Counts) -> None:
    assert CooperationAgreement.objects.count() == 8
    assert set(CooperationAgreement.objects.values_list("concluded_on", "date_precision")) == {
        (dt.date(2008, 9, 1), MONTH)
    }


def test_conferences_and_the_declaration(loaded: record.Counts) -> None:
    conferences = Conference.objects.order_by("date")

    assert [(row.slug, row.kind, row.date) for row in conferences] == [
        ("auftakt-2007", "kick_off", dt.date(2007, 9, 5)),
        ("zwischenkonferenz-2008", "interim", dt.date(2008, 2, 12)),
        ("bildungskonferenz-2008", "education", dt.date(2008, 12, 18)),
        ("2009", "annual", dt.date(2009, 1, 27)),
    ]
    declaration = Declaration.objects.get()
    assert declaration.adopted_on == dt.date(2008, 12, 18)
    assert [row.slug for row in declaration.conferences.all()] == ["bildungskonferenz-2008"]


def test_figures_are_no_more_exact_than_the_brochure(loaded: record.Counts) -> None:
    assert set(IndicatorValue.objects.values_list("qualifier", "value", "year")) == {
        ("more_than", 25, 2009),
        ("nearly", 40, 2009),
    }
    assert Principle.objects.count() == 6


def test_every_row_has_a_source_and_none_is_an_example(loaded: record.Counts) -> None:
    for model in recorded_models():
        assert not model._default_manager.filter(models.Q(source="") | models.Q(is_example=True)).exists(), model


def test_nothing_is_younger_than_the_record(loaded: record.Counts) -> None:
    """Membership dates of the new structure begin with its period; all else ends in January 2009."""
    for model in recorded_models():
        for column in model._meta.fields:
            if type(column) is models.DateField and column.name != "ends_on":
                late = model._default_manager.filter(**{f"{column.name}__gt": dt.date(2009, 1, 31)})
                assert not late.exists(), (model, column.name)


def test_numbers_of_the_record_are_not_given_again(loaded: record.Counts) -> None:
    assert set(NumberSeries.objects.values_list("prefix", "year", "last")) == {("M", 2008, 14), ("E", 2008, 6)}


# ── loading ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_second_load_writes_nothing(loaded: record.Counts) -> None:
    before = counts_of_all_tables()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        counts = record.load()

    writing = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert writing == []
    assert (counts.created, counts.changed, counts.removed, counts.gone) == ({}, {}, {}, [])
    assert counts.unchanged == loaded.created
    assert counts_of_all_tables() == before


def test_a_second_load_asks_little(loaded: record.Counts) -> None:
    with CaptureQueriesContext(connection) as queries:
        record.load()

    # One for each kind of row, its relations, and the addressees: not one for each of the 193 rows.
    assert len(queries) < 70


def test_a_corrected_text_is_taken_over(loaded: record.Counts, folder: Path, change: Callable[..., None]) -> None:
    change("08-massnahmen.yaml", "titel: Soziale Stadt Gahmen", "titel: Soziale Stadt in Gahmen")

    counts = record.load(folder, now=dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC))

    measure = Measure.objects.get(number="M-2008-003")
    assert measure.title == "Soziale Stadt in Gahmen"
    assert measure.search_text.startswith("m-2008-003 soziale stadt in gahmen")
    assert counts.changed == {"Maßnahmen": 1}
    assert [row.history_date.year for row in measure.history.all()] == [2026, measure.history.last().history_date.year]
    assert measure.history.count() == 2
    assert Measure.history.count() == 15


def test_a_corrected_relation_is_taken_over(loaded: record.Counts, folder: Path, change: Callable[..., None]) -> None:
    change("08-massnahmen.yaml", "ortsteile: [gahmen]", "ortsteile: [gahmen, brambauer]")

    counts = record.load(folder)

    assert Measure.objects.get(number="M-2008-003").districts.count() == 2
    assert counts.changed == {"Maßnahmen": 1}


def test_states_and_news_belong_to_the_portal_once_loaded(loaded: record.Counts) -> None:
    news = dt.date(2010, 3, 1)
    Measure.objects.filter(number="M-2008-001").update(state="in_progress", progress=40, last_news_on=news)
    ResolutionPoint.objects.filter(position=5).update(state="ongoing", note="Der Bericht 2009 liegt vor.")
    Recommendation.objects.filter(number="E-2008-003").update(state="done", outcome="Zwei Veranstaltungen.")
    Body.objects.filter(slug="sport-und-freizeit").update(is_open=False)

    counts = record.load()

    assert not counts.changed
    assert Measure.objects.filter(state="in_progress", progress=40, last_news_on=news).count() == 1


def test_two_entries_may_swap_their_places(loaded: record.Counts, folder: Path, change: Callable[..., None]) -> None:
    change(
        "04-gremien.yaml",
        "      - Verwaltungsvorstand\n      - Mitglieder des Rates\n",
        "      - Mitglieder des Rates\n      - Verwaltungsvorstand\n",
    )
    path = folder / "03-prozesse.yaml"
    text = path.read_text(encoding="utf-8")
    first, second = text.index("      - schlüssel: respekt"), text.index("      - schlüssel: keine-verallgemeinerungen")
    third = text.index("      - schlüssel: begegnung-auf-augenhoehe")
    path.write_text(text[:first] + text[second:third] + text[first:second] + text[third:], encoding="utf-8")

    counts = record.load(folder)

    assert [row.title for row in Principle.objects.all()][:2] == ["Keine Verallgemeinerungen", "Respekt"]
    assert counts.changed == {"Zusammensetzung": 2, "Grundsätze": 2}


def test_what_was_taken_out_of_an_entry_goes(loaded: record.Counts, folder: Path, change: Callable[..., None]) -> None:
    change("04-gremien.yaml", "      - Mitglieder des Rates\n", "")

    counts = record.load(folder)

    assert Seat.objects.filter(body__slug="steuerungsgruppe").count() == 4
    assert counts.removed == {"Zusammensetzung": 1}


def test_a_whole_entry_that_is_gone_stays_and_is_named(loaded: record.Counts, folder: Path) -> None:
    (folder / "09-vereinbarungen.yaml").write_text("vereinbarungen: []\n", encoding="utf-8")

    counts = record.load(folder)

    assert CooperationAgreement.objects.count() == 8
    assert "Kooperationsvereinbarungen: elterntraining" in counts.gone
    assert len(counts.gone) == 8


def test_addressees_come_and_go_with_the_file(loaded: record.Counts, folder: Path, change: Callable[..., None]) -> None:
    plain = "    stand: vorgestellt\n"
    addressed = plain + "    gerichtet_an:\n      - gremium: rat\n      - institution: stadt-luenen\n"
    change("07-empfehlungen.yaml", plain, addressed)
    assert record.load(folder).changed == {"Handlungsempfehlungen": 1}
    assert [str(row) for row in Addressee.objects.order_by("pk")] == ["Rat der Stadt Lünen", "Stadt Lünen"]
    assert record.load(folder).changed == {}

    change("07-empfehlungen.yaml", "      - gremium: rat\n", "")
    record.load(folder)

    assert [str(row) for row in Addressee.objects.all()] == ["Stadt Lünen"]


# ── broken files ────────────────────────────────────────────────────────────────────────────────────────

BROKEN = {
    "unknown field": (
        "08-massnahmen.yaml",
        "    federführung: stadt-luenen\n    beteiligte: [overbergschule]",
        "    federfürung: stadt-luenen\n    beteiligte: [overbergschule]",
        ("overbergschule", "federfürung", "gibt es hier nicht"),
    ),
    "missing field": (
        "08-massnahmen.yaml",
        "    federführung: stadt-luenen\n    beteiligte: [overbergschule]",
        "    beteiligte: [overbergschule]",
        ("overbergschule", "federführung", "fehlt"),
    ),
    "missing source": (
        "02-institutionen.yaml",
        "    quelle: Broschüre „Lüner Dialog“, S. 16\n",
        "",
        ("stadt-luenen", "quelle", "fehlt"),
    ),
    "missing key": (
        "02-institutionen.yaml",
        "- schlüssel: stadt-luenen\n    name",
        "- name",
        ("institutionen 1", "schlüssel", "fehlt"),
    ),
    "German date": (
        "06-beschluesse.yaml",
        "beschlossen_am: 2008-10-30",
        "beschlossen_am: 30.10.2008",
        ("grundsatzbeschluss-2008", "beschlossen_am", "„30.10.2008“ ist kein Datum"),
    ),
    "impossible date": (
        "11-konferenzen.yaml",
        "datum: 2008-02-12",
        "datum: 2008-02-30",
        ("zwischenkonferenz-2008", "datum", "kein Datum"),
    ),
    "month where a day is needed": (
        "11-konferenzen.yaml",
        "datum: 2008-02-12",
        "datum: 2008-02",
        ("zwischenkonferenz-2008", "datum", "der genaue Tag"),
    ),
    "beginning and end of different precision": (
        "03-prozesse.yaml",
        "        ende: 2007-03\n",
        "        ende: 2007\n",
        ("zukunftsdialog-infrastruktur/starterphase", "ende", "gleich genau"),
    ),
    "end before beginning": (
        "03-prozesse.yaml",
        "        ende: 2007-03\n",
        "        ende: 2006-03\n",
        ("zukunftsdialog-infrastruktur/starterphase", "", "phase_ends_after_start"),
    ),
    "unknown reference": (
        "08-massnahmen.yaml",
        "handlungsfeld: arbeit-und-wirtschaft",
        "handlungsfeld: arbeit",
        ("netzwerk-schule-hochschule-wirtschaft", "handlungsfeld", "„arbeit“ gibt es nicht unter „Handlungsfelder“"),
    ),
    "unknown reference in a list": (
        "08-massnahmen.yaml",
        "ortsteile: [gahmen]",
        "ortsteile: [gahmen, wethmar]",
        ("soziale-stadt-gahmen", "ortsteile", "„wethmar“ gibt es nicht"),
    ),
    "reference in a circle": (
        "03-prozesse.yaml",
        "    beginn: 2008-10\n",
        "    beginn: 2008-10\n    ging_auf_in: komm-in-2007\n",
        ("", "", "im Kreis"),
    ),
    "duplicate key": (
        "02-institutionen.yaml",
        "schlüssel: luentec",
        "schlüssel: baas-akademie",
        ("baas-akademie", "schlüssel", "gibt es schon"),
    ),
    "duplicate field": (
        "02-institutionen.yaml",
        "    name: Lüntec\n",
        "    name: Lüntec\n    name: Lüntec\n",
        ("", "name", "zweimal"),
    ),
    "duplicate name": (
        "02-institutionen.yaml",
        "name: Lüntec",
        "name: BAAS-Akademie",
        ("luentec", "name", "existiert bereits"),
    ),
    "unknown choice": (
        "04-gremien.yaml",
        "art: Steuerungsgruppe",
        "art: Lenkungskreis",
        ("steuerungsgruppe", "art", "Möglich sind: Rat, Steuerungsgruppe"),
    ),
    "neither yes nor no": (
        "04-gremien.yaml",
        "nimmt_mitglieder_auf: ja",
        "nimmt_mitglieder_auf: vielleicht",
        ("bildung-erziehung-und-kultur", "nimmt_mitglieder_auf", "weder ja noch nein"),
    ),
    "no number": (
        "12-kennzahlen.yaml",
        "wert: 25",
        "wert: viele",
        ("bevoelkerung-mit-zuwanderungsgeschichte/2009", "wert", ""),
    ),
    "odd public number": (
        "08-massnahmen.yaml",
        "nummer: M-2008-007",
        "nummer: Nr. 7",
        ("stadtmarketing", "nummer", "keine öffentliche Nummer"),
    ),
    "too long": (
        "08-massnahmen.yaml",
        "titel: Stadtmarketing auf Dauer einrichten",
        f"titel: {'lang' * 50}",
        ("stadtmarketing", "titel", "160"),
    ),
    "list where a text is needed": (
        "08-massnahmen.yaml",
        "titel: Stadtmarketing auf Dauer einrichten",
        "titel: [Stadtmarketing]",
        ("stadtmarketing", "titel", "Text erwartet"),
    ),
    "text where entries are needed": (
        "06-beschluesse.yaml",
        "    punkte:\n      - schlüssel: konzept",
        "    punkte: keine\n    weitere:\n      - schlüssel: konzept",
        ("soziale-stadt-gahmen-2008", "weitere", "gibt es hier nicht"),
    ),
    "unknown heading": (
        "02-institutionen.yaml",
        "institutionen:",
        "instutitionen:",
        ("stadt-luenen", "", "Die Überschrift „instutitionen“ ist unbekannt"),
    ),
    "no YAML": (
        "05-leitlinien-und-ziele.yaml",
        "    titel: Bildung und Kultur für alle",
        "   titel: Bildung und Kultur für alle",
        ("", "", "lässt sich die Datei nicht lesen"),
    ),
    "no heading": ("12-kennzahlen.yaml", "kennzahlen:", "- kennzahlen:", ("", "", "mit einer Überschrift beginnen")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_and_nothing_is_loaded(
    name: str, folder: Path, change: Callable[[str, str, str], None]
) -> None:
    file, old, new, (entry, field, message) = BROKEN[name]
    change(file, old, new)

    with pytest.raises(RecordError) as raised:
        record.load(folder)

    error = raised.value
    assert error.file == file
    assert error.line
    assert entry in error.entry
    assert error.field == field
    assert message in error.message
    for part in (file, error.entry, field, error.message):
        assert part in str(error)
    assert not any(model._default_manager.exists() for model in recorded_models())
    assert not NumberSeries.objects.exists()


def test_the_line_of_the_field_is_named(folder: Path, change: Callable[[str, str, str], None]) -> None:
    change("06-beschluesse.yaml", "beschlossen_am: 2008-10-30", "beschlossen_am: gestern")
    lines = (folder / "06-beschluesse.yaml").read_text(encoding="utf-8").splitlines()

    with pytest.raises(RecordError) as raised:
        record.load(folder)

    assert lines[raised.value.line - 1] == "    beschlossen_am: gestern"


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "01-grundlagen.yaml").write_bytes("ortsteile: [Lünen-Süd]".encode("latin-1"))

    with pytest.raises(RecordError, match=r"01-grundlagen\.yaml: .*UTF-8"):
        record.load(folder)


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="keine Datei"):
        record.load(tmp_path)


def test_a_changed_public_number_is_refused(loaded: record.Counts, folder: Path, change: Callable[..., None]) -> None:
    change("08-massnahmen.yaml", "nummer: M-2008-003", "nummer: M-2008-099")

    with pytest.raises(RecordError) as raised:
        record.load(folder)

    assert (raised.value.entry, raised.value.field) == ("soziale-stadt-gahmen", "nummer")
    assert Measure.objects.filter(number="M-2008-003").exists()


# ── the command ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_record")
    first = capsys.readouterr().out
    call_command("load_record")
    second = capsys.readouterr().out

    assert "Maßnahmen: 14 neu" in first
    assert second.strip() == "Insgesamt 0 neu, 0 geändert, 0 entfernt, 229 unverändert."


def test_the_command_points_at_a_broken_file(folder: Path, change: Callable[[str, str, str], None]) -> None:
    change("01-grundlagen.yaml", "farbe: Blau", "farbe: Violett")

    with pytest.raises(CommandError, match=r"Datei 01-grundlagen\.yaml, Zeile .*Feld „farbe“: „Violett“") as raised:
        call_command("load_record", folder=folder)

    assert raised.value.returncode == 1
    assert not Measure.objects.exists()


def test_history_says_when_the_record_was_loaded() -> None:
    now = berlin(2026, 11, 23)

    record.load(now=now)

    assert {row.history_date for row in Measure.history.all()} == {now}
