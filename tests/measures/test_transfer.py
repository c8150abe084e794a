"""Tables out and in: one definition, checked row by row, all or nothing, and back and forth without a change."""

import datetime as dt
import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from dialog.models import Addressee, JobRun, Recommendation, Step
from dialog.services import jobs, tables
from measures.models import IndicatorValue, Measure, ProgressUpdate, Resolution, ResolutionPoint, TableImport
from measures.services import transfer
from measures.services.transfer_columns import TABLES
from tests.factories import (
    BodyFactory,
    DistrictFactory,
    FieldOfActionFactory,
    GuidelineFactory,
    IndicatorFactory,
    IndicatorValueFactory,
    MeasureFactory,
    OrganizationFactory,
    ProcessFactory,
    ProgressUpdateFactory,
    RecommendationFactory,
    ResolutionFactory,
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


def exported(kind, suffix, *, by) -> bytes:
    """The whole file."""
    return b"".join(transfer.export(kind, suffix, by=by))


def take(found, by) -> TableImport:
    job = transfer.apply(found, by=by, at=AT)
    jobs.run(job.pk)
    assert JobRun.objects.get(pk=job.pk).state == "done", JobRun.objects.get(pk=job.pk).error
    found.refresh_from_db()
    return found


def faults(found) -> list[tuple[int, str]]:
    return [(row["row"], cell["error"]) for row in found.rows for cell in row["cells"] if cell["error"]]


def csv(table, /, **cells) -> bytes:
    """A file of one row; what is not said is empty."""
    names = [column.column_name for column in TABLES[table].columns.values()]
    by_name = {TABLES[table].columns[name].column_name: text for name, text in cells.items()}
    return f"{';'.join(names)}\n{';'.join(by_name.get(name, '') for name in names)}".encode()


def a_measure(**cells) -> bytes:
    said = {"title": "Bücherei", "kind": "Maßnahme", "summary": "Kurz", "field": "Wohnen", "lead": "Verein"}
    said |= {"state": "vorgeschlagen", "progress": "0", "starts_on": "01.01.2026", "date_precision": "Tag"}
    return csv("measures", **(said | {"money_public": "nein", "interval": "jährlich"} | cells))


@pytest.fixture
def named(db):
    FieldOfActionFactory(name="Wohnen")
    OrganizationFactory(name="Verein")


@pytest.fixture
def everything(db):
    point = ResolutionPointFactory(due_on=dt.date(2026, 1, 1), responsible=OrganizationFactory())
    recommendation = RecommendationFactory(outcome="@alle")
    Addressee.objects.create(recommendation=recommendation, organization=OrganizationFactory(name="Bau, Wohnen; Co."))
    Addressee.objects.create(recommendation=recommendation, body=recommendation.body)
    measure = MeasureFactory(
        title=EVIL,
        reason="=Warum",
        audience="Alle\nim Ort",
        description="Zwei\nZeilen; mit „Zeichen“",
        ends_on=dt.date(2027, 1, 1),
        funding="-5 €",
        budget=1_250_000,
        spent="0.50",
        money_public=True,
        latitude="51.6",
        longitude="7.5",
    )
    measure.partners.set([OrganizationFactory(name="=Summe"), OrganizationFactory(name="Eltern, e. V.")])
    measure.districts.set([DistrictFactory(), DistrictFactory()])
    measure.recommended_by.set([recommendation])
    measure.decided_in.set([point])
    MeasureFactory(done=True)
    MeasureFactory(state="merged", merged_into=measure)
    ProgressUpdateFactory(text="+49 ist kein Rechnen")
    IndicatorValueFactory(value="-12.50", qualifier="nearly")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", TableImport.Kind.values)
def test_what_went_out_and_came_back_changes_nothing(everything, planner, kind, suffix):
    found = send(kind, exported(kind, suffix, by=planner), planner, f"x.{suffix}")
    assert (found.state, found.rows) == ("checked", [])
    assert found.counts["same"] > 0
    take(found, planner)
    assert Measure.objects.filter(title=EVIL).exists()


def test_a_formula_goes_out_harmless_and_comes_back_unchanged(everything, planner):
    sheet = load_workbook(io.BytesIO(exported("measures", "xlsx", by=planner))).worksheets[0]
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
    content = exported("measures", "csv", by=planner).decode().replace("Verein", "Klub").replace("Wohnen", "Ruhe")
    found = send("measures", content.encode(), planner)
    assert faults(found) == [(2, "Nicht gefunden: „Ruhe“."), (2, "Nicht gefunden: „Klub“.")]


def test_a_new_measure_gets_a_number_a_history_and_a_trace(planner, named):
    take(send("measures", a_measure(), planner), planner)
    made = Measure.objects.get()
    assert (made.title, made.number[:2], made.state, made.slug) == ("Bücherei", "M-", "proposed", "bucherei")
    assert made.history.get().history_user == planner
    [step] = Step.objects.of(made)
    assert (step.name, step.from_state, step.to_state, step.by) == ("import", "", "proposed", planner)


def test_relations_to_many_come_in_by_name_and_are_replaced(planner, named):
    point = ResolutionPointFactory(resolution__slug="wege", position=2)
    recommendation = RecommendationFactory()
    for name in ("Gahmen", "Horstmar"):
        DistrictFactory(name=name)
    OrganizationFactory(name="Eltern, e. V.")
    cells = {"districts": "Horstmar | Gahmen", "partners": "eltern, e. v. | Verein", "decided_in": "wege/2"}
    take(send("measures", a_measure(**cells, recommended_by=recommendation.number), planner), planner)
    made = Measure.objects.get()
    assert sorted(made.districts.values_list("name", flat=True)) == ["Gahmen", "Horstmar"]
    assert made.partners.count() == 2
    assert (made.decided_in.get(), made.recommended_by.get()) == (point, recommendation)

    content = exported("measures", "csv", by=planner).decode().replace("Gahmen | Horstmar", "Horstmar")
    found = take(send("measures", content.encode(), planner), planner)
    assert found.counts == {"error": 0, "new": 0, "changed": 1, "same": 0}
    assert made.districts.get().name == "Horstmar"
    assert made.partners.count() == 2
    assert [step.to_state for step in Step.objects.of(made)] == ["proposed", "proposed"]


def test_a_name_that_is_unknown_or_stands_for_two_is_named(planner, named):
    GuidelineFactory(title="Doppelt")
    GuidelineFactory(title="Doppelt")
    found = send("measures", a_measure(partners="Verein | Klub", guidelines="Doppelt"), planner)
    assert [error for _row, error in faults(found)] == [
        "Nicht gefunden: „Klub“.",
        "„Doppelt“ gibt es mehrmals; hier ist nicht klar, was gemeint ist.",
    ]


def test_a_stock_of_measures_comes_in_with_its_states(planner, named):
    other = MeasureFactory()
    cells = [
        {"state": "beschlossen", "decided_by": "Rat"},
        {"state": "abgeschlossen", "progress": "100", "decided_by": "Rat"},
        {"state": "eingestellt", "stop_reason": "Kein Geld.", "decided_by": "Rat"},
        {"state": "in anderer Maßnahme aufgegangen", "merged_into": other.number},
    ]
    for number, said in enumerate(cells):
        take(send("measures", a_measure(title=f"Nummer {number}", **said), planner), planner)
    made = Measure.objects.exclude(pk=other.pk).order_by("title")
    assert [row.state for row in made] == ["decided", "done", "stopped", "merged"]
    assert [Step.objects.of(row).get().to_state for row in made] == ["decided", "done", "stopped", "merged"]


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ({"state": "beschlossen"}, "Bitte nennen Sie den Ratsbeschluss"),
        ({"state": "abgeschlossen", "progress": "99", "decided_by": "Rat"}, "100 Prozent"),
        ({"state": "eingestellt", "decided_by": "Rat"}, "warum die Maßnahme eingestellt wird"),
        ({"state": "in anderer Maßnahme aufgegangen"}, "Nur was in einer anderen Maßnahme aufgegangen ist"),
        ({"latitude": "51,6"}, "Breite und Länge zusammen"),
        ({"latitude": "95", "longitude": "7"}, "90"),
        ({"budget": "-1"}, "0"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_comes_in(planner, named, cells, word):
    found = send("measures", a_measure(**cells), planner)
    assert found.state == "faulty"
    assert [word in error for _row, error in faults(found)] == [True]
    assert not Measure.objects.exists()


def test_a_new_resolution_gets_an_address_and_its_points_name_it(planner):
    process = ProcessFactory()
    cells = {"title": "Wege zum Fluss", "adopted_on": "30.10.2008", "summary": "Kurz", "process": process.name}
    take(send("resolutions", csv("resolutions", **cells), planner), planner)
    made = Resolution.objects.get()
    assert made.slug == "wege-zum-fluss"
    point = {"resolution": made.slug, "position": "1", "title": "Bauen", "text": "…", "addressee": "Verwaltung"}
    done = {"state": "erledigt", "note": "Der Weg ist frei."}
    late = send("points", csv("points", **point, **done), planner)
    assert [error for _row, error in faults(late)] == [
        "Was erledigt ist, und nur das, braucht den Tag, an dem es erledigt war."
    ]
    take(send("points", csv("points", **point, **done, done_on="01.02.2010"), planner), planner)
    assert Step.objects.of(made.points.get()).get().to_state == "done"


POINT_RULES = [
    ({"state": "erledigt", "done_on": "01.02.2010"}, "note", "was erreicht wurde"),
    ({"state": "offen", "due_on": "01.02.2010"}, "late_reason", "warum es später wird"),
    ({"state": "in Umsetzung", "due_on": "01.02.2010"}, "late_reason", "warum es später wird"),
    ({"state": "laufend"}, "next_review_on", "einen Tag ab heute"),
    ({"state": "laufend", "next_review_on": "01.02.2010"}, "next_review_on", "einen Tag ab heute"),
]


@pytest.mark.parametrize(("cells", "missing", "word"), POINT_RULES)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_table_asks_of_a_point_what_its_office_is_asked(planner, cells, missing, word, is_new):
    """New or changed: done needs a final note, late a reason, ongoing a day to come."""
    resolution = ResolutionFactory(slug="grundsatz")
    point = {"resolution": "grundsatz", "position": "1", "title": "Neu", "text": "…", "addressee": "Verwaltung"}
    if not is_new:
        state = {str(label): value for value, label in ResolutionPoint.State.choices}[cells["state"]]
        done_on = dt.date(2010, 2, 1) if state == "done" else None
        ResolutionPointFactory(resolution=resolution, position=1, title="Alt", state=state, done_on=done_on)
    found = send("points", csv("points", **point, **cells), planner)
    assert [word in error for _row, error in faults(found)] == [True]
    said = {missing: f"01.02.{timezone.localdate().year + 1}" if missing == "next_review_on" else "Gesagt."}
    take(send("points", csv("points", **(point | cells | said)), planner), planner)
    assert resolution.points.get().title == "Neu"


def test_addressees_of_recommendations_come_in(planner):
    body = BodyFactory(name="Gruppe")
    OrganizationFactory(name="Verein")
    FieldOfActionFactory(name="Wohnen")
    cells = {"title": "Mehr Licht", "wording": "…", "body": "Gruppe", "field": "Wohnen", "state": "im Entwurf"}
    cells |= {"date": "01.02.2010", "date_precision": "Tag", "bodies": "Gruppe", "organizations": "Verein"}
    take(send("recommendations", csv("recommendations", **cells), planner), planner)
    made = Recommendation.objects.get()
    assert made.number == "E-2010-001"
    assert {(row.body, str(row.organization or "")) for row in made.addressees.all()} == {(body, ""), (None, "Verein")}


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("in Umsetzung", "abgeschlossen", "durch die Schritte"),
        (";in Umsetzung;40;", ";in Umsetzung;130;", "100"),
        ("01.01.2009", "01.01.0209", "Das Jahr 0209"),
        ("01.02.2030", "01.02.2001", "vor dem Beginn"),
    ],
)
def test_measures_are_held_to_their_rules(planner, before, after, word):
    MeasureFactory(ends_on=dt.date(2030, 2, 1))
    content = exported("measures", "csv", by=planner).decode()
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


@pytest.mark.parametrize(("suffix", "content_type"), [("csv", "text/csv; charset=utf-8"), ("xlsx", tables.XLSX)])
def test_a_table_is_sent_part_by_part(client_of, planner, everything, suffix, content_type):
    response = client_of(planner).get(f"/arbeitsbereich/tabellen/measures/{suffix}/")
    assert (response.streaming, response["Content-Type"]) == (True, content_type)
    assert response["Content-Disposition"] == f'attachment; filename="measures.{suffix}"'
    found = send("measures", response.getvalue(), planner, f"x.{suffix}")
    assert (found.rows, found.counts["same"]) == ([], Measure.objects.count())


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


def xlsx(rows) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_a_formula_in_a_workbook_is_no_value(planner):
    IndicatorFactory(name="Plätze")
    head = [name for name, _text in transfer.explain("values")]
    found = send("values", xlsx([head, ["Plätze", 2020, "=1+1", "genau", ""]]), planner, "x.xlsx")
    assert faults(found) == [(2, "Die Zelle enthält eine Formel. Bitte schreiben Sie den Wert hinein.")]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"a;b\n1;2", "Die Spalten passen nicht"),
        (values_csv(), "enthält keine Zeilen"),
        (b"PK\x03\x04 kein Archiv", "nicht als XLSX lesen"),
        (b"\x00\x01\x02", "weder CSV noch XLSX"),
        (b"Kennzahl;Jahr;Wert;Genauigkeit;Quelle;Jahr\n", "Die Spalten passen nicht"),
    ],
)
def test_a_file_that_is_no_table_is_refused_at_once(planner, content, word):
    with pytest.raises(ValidationError, match=word):
        transfer.upload("values", SimpleUploadedFile("x", content), by=planner, at=AT)
    assert not TableImport.objects.exists()


def test_a_zip_bomb_is_not_unpacked(planner):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (tables.MAX_UNPACKED + 1))
    assert len(bomb.getvalue()) < 200_000
    with pytest.raises(ValidationError, match="ausgepackt zu groß"):
        transfer.upload("values", SimpleUploadedFile("x.xlsx", bomb.getvalue()), by=planner, at=AT)


def test_all_or_nothing_when_something_changes_between_the_check_and_the_taking(planner):
    indicator = IndicatorFactory(name="Plätze")
    found = send("values", values_csv("Plätze;2020;1;genau;", "Plätze;2021;2;genau;"), planner)
    job = transfer.apply(found, by=planner, at=AT)
    indicator.delete()
    jobs.run(job.pk)
    assert JobRun.objects.get(pk=job.pk).state == "failed"
    assert not IndicatorValue.objects.exists()
    found.refresh_from_db()
    assert found.state == "checked"


def test_the_number_of_queries_of_an_export_does_not_grow(planner, everything):
    def asked(kind) -> int:
        with CaptureQueriesContext(connection) as queries:
            exported(kind, "csv", by=planner)
        return len(queries)

    asked("values")  # and what the user may do
    before = {kind: asked(kind) for kind in TABLES}
    for _n in range(5):
        point, recommendation = ResolutionPointFactory(), RecommendationFactory()
        Addressee.objects.create(recommendation=recommendation, organization=OrganizationFactory())
        measure = MeasureFactory(decided_in=[point], recommended_by=[recommendation], partners=[OrganizationFactory()])
        ProgressUpdateFactory(measure=measure)
        IndicatorValueFactory()
    assert {kind: asked(kind) for kind in TABLES} == before
