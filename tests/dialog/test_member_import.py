"""Lists of members: written, read again, checked cell by cell, taken over as a whole or not at all."""

import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook
from post_office.models import Email

from dialog.models import JobRun, MemberImport, Membership, Person, Step, Term
from dialog.services import jobs, member_lists, preferences
from tests.factories import MembershipFactory, OrganizationFactory, PersonFactory, berlin

AT = berlin(2026, 3, 2)
HEADER = ";".join(member_lists.COLUMNS)


def upload(body, by, content, name="liste.csv") -> MemberImport:
    """Uploads and checks a file."""
    job = member_lists.upload(body, SimpleUploadedFile(name, content), by=by, at=AT)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobRun.State.DONE, job.error
    return MemberImport.objects.latest("pk")


def take_over(row, by) -> JobRun:
    job = member_lists.apply(row, by=by, at=AT)
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def kinds(row) -> list[str]:
    return [line["kind"] for line in row.rows]


def errors(row) -> list[tuple[int, str, str]]:
    return [
        (line["row"], column, cell["error"])
        for line in row.rows
        for column, cell in zip(member_lists.COLUMNS, line["cells"], strict=True)
        if cell["error"]
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_written_is_read_again_and_changes_nothing(planner, working_group, member, kind):
    names = ["=1+1", "+49 231", "-Minus", "@ping", "'=schon da", "<b>Fett</b>", 'Semikolon; "Zitat"', "'Hooft"]
    for name in names:
        MembershipFactory(
            body=working_group,
            person=PersonFactory(name=name, email=f"p{names.index(name)}@example.org"),
            organization=OrganizationFactory(),
        )
    content = member_lists.export(working_group, kind, by=planner)
    row = upload(working_group, planner, content, f"liste.{kind}")
    assert errors(row) == []
    assert set(kinds(row)) == {"same"}
    assert len(row.rows) == len(names) + 1


def test_no_cell_is_a_formula_for_a_spreadsheet(planner, working_group):
    MembershipFactory(body=working_group, person=PersonFactory(name='=HYPERLINK("http://x")'))
    sheet = load_workbook(io.BytesIO(member_lists.export(working_group, "xlsx", by=planner))).active
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    text = member_lists.export(working_group, "csv", by=planner).decode("utf-8-sig")
    assert "'=HYPERLINK" in text


def test_what_german_excel_writes_is_read(planner, working_group):
    OrganizationFactory(name="Kulturverein Brücke")
    text = f"{HEADER}\r\n;Jürgen Groß;juergen@example.org;Mitglied;Kulturverein Brücke;;01.02.2026;ja\r\n"
    row = upload(working_group, planner, text.encode("cp1252"))
    assert kinds(row) == ["new"]
    assert not Person.objects.filter(name="Jürgen Groß").exists()
    assert take_over(row, planner).state == "done"
    membership = working_group.memberships.get(person__name="Jürgen Groß")
    assert (membership.organization.name, membership.starts_on, membership.name_public, membership.state) == (
        "Kulturverein Brücke",
        berlin(2026, 2, 1).date(),
        True,
        "active",
    )
    assert Step.objects.filter(object_id=membership.pk, name="enter", by=planner).exists()


def test_changes_are_shown_first_and_leave_a_past_term(planner, working_group):
    membership = MembershipFactory(body=working_group, person=PersonFactory(name="Ute Alt", email="ute@example.org"))
    text = f"{HEADER}\n{membership.pk};Ute Neu;ute@example.org;Schriftführung;;;27.01.2009;nein\n"
    row = upload(working_group, planner, text.encode())
    shown = {column: cell["before"] for column, cell in zip(member_lists.COLUMNS, row.rows[0]["cells"], strict=True)}
    assert (kinds(row), shown["Name"], shown["Rolle"]) == (["changed"], "Ute Alt", "Mitglied")
    take_over(row, planner)
    membership.refresh_from_db()
    assert (membership.person.name, membership.role) == ("Ute Neu", "minute_taker")
    assert Term.objects.get().role == "member"


def test_each_wrong_cell_is_named_and_nothing_is_taken_over(planner, working_group, member):
    own = working_group.memberships.get(person=member.person)
    text = "\n".join(
        [
            HEADER,
            ";Gut;gut@example.org;Mitglied;;;01.01.2026;nein",
            ";;keine-adresse;Häuptling;Gibt es nicht;;31.02.2026;vielleicht",
            ";Zweimal;gut@example.org;Mitglied;;;01.01.2026;nein",
            "999999;Fremd;;Mitglied;;;01.01.2026;nein",
            f"{own.pk};Mira Mitglied;anders@example.org;Mitglied;;;27.01.2009;ja",
        ]
    )
    row = upload(working_group, planner, text.encode())
    assert row.state == "faulty"
    assert {(number, column) for number, column, _text in errors(row)} == {
        (3, "Name"),
        (3, "E-Mail"),
        (3, "Rolle"),
        (3, "Institution"),
        (3, "Seit"),
        (3, "Name öffentlich"),
        (4, "E-Mail"),
        (5, "Nr."),
        (6, "E-Mail"),
        (6, "Name öffentlich"),
    }
    with pytest.raises(ValidationError):
        member_lists.apply(row, by=planner, at=AT)
    assert not Person.objects.filter(name="Gut").exists()


def test_formulas_are_refused_cell_by_cell(planner, working_group):
    book = Workbook()
    book.active.append(member_lists.COLUMNS)
    book.active.append(["", "=A1", "", "Mitglied", "", "", "01.01.2026", "nein"])
    file = io.BytesIO()
    book.save(file)
    row = upload(working_group, planner, file.getvalue(), "liste.xlsx")
    assert errors(row) == [(2, "Name", "Die Zelle enthält eine Formel. Bitte schreiben Sie den Wert hinein.")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Name;Telefon\nA;1\n", "Unbekannt: „Telefon“"),
        (b"", "Es fehlen"),
        (HEADER.encode(), "keine Zeilen"),
        (b"PK\x03\x04kaputt", "nicht als XLSX"),
        (b"\x00\x01\x02\x03" * 20, "weder CSV noch XLSX"),
        (f"{HEADER}\n".encode() + b";a;;;;;;\n" * 10_001, "mehr als 10000 Zeilen"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_a_clear_word(planner, working_group, client_of, content, says):
    with pytest.raises(ValidationError) as caught:
        member_lists.read(content)
    assert says in "; ".join(caught.value.messages)
    page = client_of(planner).post(
        "/arbeitsbereich/mitglieder/wohnen-und-quartier/import/", {"file": SimpleUploadedFile("liste.csv", content)}
    )
    assert page.status_code == 200
    assert not MemberImport.objects.exists()


def test_5000_rows_go_through_with_progress(planner, working_group):
    lines = [f";Person {n};person{n}@example.org;Mitglied;;;01.01.2026;nein" for n in range(5000)]
    row = upload(working_group, planner, "\n".join([HEADER, *lines]).encode())
    assert JobRun.objects.latest("pk").steps > 20
    job = take_over(row, planner)
    assert (job.state, working_group.memberships.active().count()) == ("done", 5000)


def test_what_changed_since_the_preview_stops_the_import(planner, working_group):
    row = upload(working_group, planner, f"{HEADER}\n;Neu;neu@example.org;Mitglied;;;01.01.2026;nein\n".encode())
    MembershipFactory(body=working_group, person=PersonFactory(name="Neu", email="neu@example.org"))
    job = take_over(row, planner)
    assert (job.state, working_group.memberships.count()) == ("failed", 1)
    assert "Seit der Prüfung" in job.error


def test_the_same_name_under_another_address_is_pointed_out(planner, working_group):
    MembershipFactory(body=working_group, person=PersonFactory(name="Eva Doppelt", email="eva@example.org"))
    row = upload(working_group, planner, f"{HEADER}\n;Eva Doppelt;e.d@example.org;Mitglied;;;01.01.2026;nein".encode())
    assert row.rows[0]["hint"].startswith("Im Gremium ist schon jemand mit diesem Namen")


def test_the_preview_escapes_markup(planner, working_group, client_of):
    row = upload(working_group, planner, f"{HEADER}\n;<script>x</script>;;Mitglied;;;01.01.2026;nein".encode())
    page = client_of(planner).get(f"/arbeitsbereich/importe/{row.pk}/").content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_only_the_planning_group_imports_and_chairs_export_without_addresses(chair, working_group, member):
    with pytest.raises(PermissionDenied):
        member_lists.upload(working_group, SimpleUploadedFile("a.csv", HEADER.encode()), by=chair, at=AT)
    text = member_lists.export(working_group, "csv", by=chair).decode()
    assert "Mira Mitglied" in text
    assert "mira@example.org" not in text
    with pytest.raises(PermissionDenied):
        member_lists.export(working_group, "csv", by=member)


# ── mail to the members ─────────────────────────────────────────────────────────────────────────────────


def test_a_mail_is_seen_tested_and_sent_once_to_each(client_of, chair, member, working_group):
    MembershipFactory(body=working_group, person=PersonFactory(name="Auf Papier"))
    browser = client_of(chair)
    written = browser.post(
        "/arbeitsbereich/mitglieder/wohnen-und-quartier/schreiben/", {"subject": "Zum\nFest", "text": "Kommen Sie!"}
    )
    page = browser.get(written["Location"]).content.decode()
    assert "Kommen Sie!" in page
    assert "2 Mitglieder" in page
    browser.post(written["Location"], {"test": "1"})
    assert [mail.to for mail in Email.objects.all()] == [["lena@example.org"]]
    browser.post(written["Location"], {"send": "1"})
    browser.post(written["Location"], {"send": "1"})
    job = JobRun.objects.get()
    jobs.run(job.pk)
    JobRun.objects.update(state="waiting", finished_at=None)
    jobs.run(job.pk)
    # The test to oneself, and one for each.
    assert sorted(mail.to[0] for mail in Email.objects.all()) == ["lena@example.org"] * 2 + ["mira@example.org"]


def test_who_wants_no_mail_of_the_group_gets_none(member, chair, working_group):
    preferences.choose(member.person, {"group": "none"})
    mail = member_lists.write(working_group, subject="Fest", text="Kommen Sie!", by=chair, at=AT)
    jobs.run(member_lists.release(mail, by=chair, at=AT).pk)
    assert [row.to for row in Email.objects.all()] == [["lena@example.org"]]


def test_an_address_that_bounces_is_shown(client_of, planner, member, working_group):
    mail = member_lists.write(working_group, subject="Fest", text="Kommen Sie!", by=planner, at=AT)
    jobs.run(member_lists.release(mail, by=planner, at=AT).pk)
    Email.objects.filter(to="mira@example.org").update(status=1)
    browser = client_of(planner)
    assert "Nicht zustellbar: Mira Mitglied" in " ".join(browser.get(mail.get_absolute_url()).content.decode().split())
    person = browser.get(f"/arbeitsbereich/personen/{member.person.pk}/").content.decode()
    assert "konnte nicht zugestellt werden" in person
    for address in ("/arbeitsbereich/personen/", "/arbeitsbereich/mitglieder/wohnen-und-quartier/"):
        assert browser.get(address).content.decode().count("unzustellbar") == 1


@pytest.mark.parametrize(
    "address",
    [
        "/arbeitsbereich/mitglieder/wohnen-und-quartier/",
        "/arbeitsbereich/mitglieder/wohnen-und-quartier/liste.xlsx",
        "/arbeitsbereich/mitglieder/",
        "/arbeitsbereich/personen/",
        "/gremien/wohnen-und-quartier/",
    ],
)
def test_30_or_1000_members_take_the_same_number_of_queries(queries, planner, working_group, address):
    def members(number: int) -> None:
        people = Person.objects.bulk_create([Person(name=f"Person {n}") for n in range(number)])
        Membership.objects.bulk_create(
            [
                Membership(body=working_group, person=person, state="active", starts_on=AT.date(), name_public=True)
                for person in people
            ]
        )

    members(30)
    few = queries(address, "planner")
    members(970)
    assert queries(address, "planner") == few


def test_a_long_list_is_searched(client_of, chair, planner, working_group):
    for name, email in (("Ayşe Yılmaz", "ay@example.org"), ("Bernd Brand", "bb@example.org")):
        MembershipFactory(body=working_group, person=PersonFactory(name=name, email=email))
    address = "/arbeitsbereich/mitglieder/wohnen-und-quartier/"

    def finds(user, query):
        page = client_of(user).get(address, {"q": query}).content.decode()
        return {name for name in ("Ayşe Yılmaz", "Bernd Brand") if name in page}

    assert finds(planner, "brand") == {"Bernd Brand"}
    assert finds(planner, "ay@example.org") == {"Ayşe Yılmaz"}
    # A chair does not see addresses, so a search does not give them away either.
    assert finds(chair, "ay@example.org") == set()
    assert "Niemand gefunden." in client_of(planner).get(address, {"q": "\x00<b>"}).content.decode()
