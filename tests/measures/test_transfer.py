"""Tables out and in: one definition, checked row by row, all or nothing, and back and forth without a change."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from dialog.models import JobRun, Recommendation
from dialog.services import jobs
from measures.models import IndicatorValue, Measure, ProgressUpdate, ResolutionPoint, TableImport
from measures.services import transfer
from tests.factories import (
    FieldOfActionFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    OrganizationFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionPointFactory,
    berlin,
)

AT = berlin(2026, 3, 2)
EVIL = '=HYPERLINK("https://boese.example";"Klick")'


def send(kind, content, by, name="tabelle.csv") -> TableImport:
    """What the check says of a file."""
    job = transfer.upload(kind, SimpleUploadedFile(name, content), by=by, at=AT)
    jobs.run(job.pk)
    assert JobRun.objects.get(pk=job.pk).state == "done", JobRun.objects.get(pk=job.pk).error
    return TableImport.objects.latest("pk")


def take(found, by) -> TableImport:
    job = transfer.apply(found, by=by, at=AT)
    jobs.run(job.pk)
    assert JobRun.objects.get(pk=job.pk).state == "done", JobRun.objects.get(pk=job.pk).error
    found.refresh_from_db()
    return found


def faults(found) -> list[tuple[int, str]]:
    return [(row["row"], cell["error"]) for row in found.rows for cell in row["cells"] if cell["error"]]


@pytest.fixture
def everything(db):
    MeasureFactory(title=EVIL, description="Zwei\nZeilen; mit „Zeichen“", ends_on=dt.date(2027, 1, 1), funding="-5 €")
    MeasureFactory(done=True)
    ProgressUpdateFactory(text="+49 ist kein Rechnen")
    IndicatorValueFactory(value="-12.50", qualifier="nearly")
    RecommendationFactory(outcome="@alle")
    ResolutionPointFactory(due_on=dt.date(2026, 1, 1), responsible=OrganizationFactory())


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", TableImport.Kind.values)
def test_what_went_out_and_came_back_changes_nothing(everything, planner, kind, suffix):
    found = send(kind, transfer.export(kind, suffix, by=planner), planner, f"x.{suffix}")
    assert (found.state, found.rows) == ("checked", [])
    assert found.counts["same"] > 0
    take(found, planner)
    assert Measure.objects.filter(title=EVIL).exists()


def test_a_formula_goes_out_harmless_and_comes_back_unchanged(everything, planner):
    sheet = load_workbook(io.BytesIO(transfer.export("measures", "xlsx", by=planner))).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value and "HYPERLINK" in str(cell.value)]
    assert [(cell.data_type, cell.value[:2]) for cell in cells] == [("s", "'=")]


def values_csv(*rows) -> bytes:
    return ("Kennzahl;Jahr;Wert;Genauigkeit;Quelle\n" + "\n".join(rows)).encode()


def test_new_and_changed_rows_come_in(planner):
    indicator = IndicatorFactory(name="Plätze")
    IndicatorValueFactory(indicator=indicator, year=2020, value=10)
    found = send("values", values_csv("Plätze;2020;11,5;genau;", "Plätze;2021;1.200,00;knapp;Amt"), planner)
    assert (found.state, found.counts) == ("checked", {"error": 0, "new": 1, "changed": 1, "same": 0})
    assert IndicatorValue.objects.count() == 1
    take(found, planner)
    assert [str(row.value) for row in IndicatorValue.objects.order_by("year")] == ["11.50", "1200.00"]


def test_windows_files_are_read(planner):
    IndicatorFactory(name="Plätze")
    found = send("values", values_csv("Plätze;2020;1;genau;").decode().encode("cp1252"), planner)
    assert found.counts["new"] == 1


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("Gibtsnicht;2020;1;genau;", "Nicht gefunden: „Gibtsnicht“"),
        ("Plätze;zwanzig;1;genau;", "Keine ganze Zahl"),
        ("Plätze;2020;viel;genau;", "Keine Zahl"),
        ("Plätze;2020;NaN;genau;", "Keine Zahl"),
        ("Plätze;2020;1;ungefähr;", "Unbekannt: „ungefähr“"),
    ],
)
def test_a_fault_is_named_with_its_row(planner, row, word):
    IndicatorFactory(name="Plätze")
    found = send("values", values_csv("Plätze;2019;1;genau;", row), planner)
    assert found.state == "faulty"
    [(number, error)] = faults(found)
    assert (number, word in error) == (3, True)
    assert not IndicatorValue.objects.exists()


def test_twenty_thousand_rows_with_one_fault_in_the_last(planner):
    IndicatorFactory(name="A")
    names = [IndicatorFactory(name=f"K{n}").name for n in range(20)]
    rows = [f"{names[n % 20]};{1000 + n // 20};{n};genau;" for n in range(19_999)]
    found = send("values", values_csv(*rows, "A;2020;kaputt;genau;"), planner)
    assert (found.state, found.counts["error"], found.counts["new"]) == ("faulty", 1, 19_999)
    assert found.rows[0]["row"] == 20_001
    assert not IndicatorValue.objects.exists()
    with pytest.raises(Exception, match="nicht übernehmen"):
        transfer.apply(found, by=planner, at=AT)


def test_unknown_institution_and_field_are_named(planner):
    MeasureFactory(lead__name="Verein", field__name="Wohnen")
    content = (
        transfer.export("measures", "csv", by=planner).decode().replace("Verein", "Klub").replace("Wohnen", "Ruhe")
    )
    found = send("measures", content.encode(), planner)
    assert faults(found) == [(2, "Nicht gefunden: „Ruhe“."), (2, "Nicht gefunden: „Klub“.")]


def test_a_new_measure_gets_a_number_and_begins_as_a_proposal(planner):
    FieldOfActionFactory(name="Wohnen")
    OrganizationFactory(name="Verein")
    heading = ";".join(name for name, _text in transfer.explain("measures"))
    row = ";Bücherei;Maßnahme;Kurz;;Wohnen;Verein;vorgeschlagen;0;01.01.2026;;Tag;;jährlich;"
    take(send("measures", f"{heading}\n{row}".encode(), planner), planner)
    made = Measure.objects.get()
    assert (made.title, made.number[:2], made.state, made.slug) == ("Bücherei", "M-", "proposed", "bucherei")


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("in Umsetzung", "abgeschlossen", "nur durch die Schritte"),
        (";40;", ";130;", "100"),
        ("01.01.2009", "01.01.0209", "Das Jahr 0209"),
        ("01.02.2030", "01.02.2001", "vor dem Beginn"),
    ],
)
def test_measures_are_held_to_their_rules(planner, before, after, word):
    MeasureFactory(ends_on=dt.date(2030, 2, 1))
    content = transfer.export("measures", "csv", by=planner).decode()
    assert before in content
    found = send("measures", content.replace(before, after).encode(), planner)
    assert [word in error for _row, error in faults(found)] == [True]


def test_newer_news_count_as_the_measures_newest(planner, measure):
    heading = ";".join(name for name, _text in transfer.explain("updates"))
    content = f"{heading}\n{measure.number};01.03.2026;in Umsetzung;70;Es geht voran.;"
    take(send("updates", content.encode(), planner), planner)
    measure.refresh_from_db()
    assert (measure.progress, measure.last_news_on) == (70, dt.date(2026, 3, 1))
    assert ProgressUpdate.objects.count() == 1


def test_the_template_explains_its_columns(planner):
    book = load_workbook(io.BytesIO(transfer.template("recommendations", by=planner)))
    assert book.sheetnames == ["Handlungsempfehlungen", "Erklärung"]
    assert [cell.value for cell in book.worksheets[0][1]][:2] == ["Nummer", "Titel"]


def test_only_the_planning_group_gets_in(client_of, users, everything):
    for address in ("/arbeitsbereich/tabellen/", "/arbeitsbereich/tabellen/measures/csv/"):
        seen = {role for role, user in users.items() if client_of(user).get(address).status_code == 200}
        assert seen == {"planner", "operator"}
    assert Recommendation.objects.exists()
    assert ResolutionPoint.objects.exists()


def test_the_pages_show_the_way_and_the_preview(client_of, planner):
    IndicatorFactory(name="Plätze")
    desk = client_of(planner)
    file = SimpleUploadedFile("werte.csv", values_csv("Plätze;2020;<b>;genau;"))
    job = JobRun.objects.get(
        pk=desk.post("/arbeitsbereich/tabellen/", {"kind": "values", "file": file})["Location"].split("/")[-2]
    )
    jobs.run(job.pk)
    found = TableImport.objects.get()
    page = desk.get(found.get_absolute_url()).content.decode()
    assert "Keine Zahl: „&lt;b&gt;“" in page
    wrong = desk.post("/arbeitsbereich/tabellen/", {"kind": "values", "file": SimpleUploadedFile("x.csv", b"a;b\n1;2")})
    assert "Die Spalten passen nicht" in wrong.content.decode()
