"""Uploads: checked by content, stored under random names, served only to those who may see them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError

from dialog.models import Document
from dialog.services import documents
from tests.factories import BodyFactory, MeetingFactory, berlin

AT = berlin(2026, 3, 2)


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda made: None, **options: Any) -> bytes:
    """A PDF of one empty page, changed by `change`."""
    made, file = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    change(made)
    made.save(file, **options)
    return file.getvalue()


PDF = pdf()
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


def upload(content: bytes = PDF, name: str = "Protokoll März.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def docx(*parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
        for part in ("word/document.xml", *parts):
            archive.writestr(part, "<document/>")
    return made.getvalue()


@pytest.mark.parametrize(("content", "name"), [(PDF, "a.pdf"), (PNG, "a.png"), (docx(), "a.docx")])
def test_what_offices_use_may_come_in(content, name):
    assert documents.check(upload(content, name))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "leer.pdf"),
        (b"MZ" + b"\x00" * 64, "rechnung.pdf"),
        (PNG, "bild.pdf"),
        (PDF, "papier.exe"),
        (PDF, "papier"),
        (b"<html><script>alert(1)</script></html>", "seite.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "bild.svg"),
        (b"#!/bin/sh\nrm -rf /", "papier.pdf"),
    ],
)
def test_everything_else_is_refused_in_words(content, name):
    with pytest.raises(ValidationError) as refusal:
        documents.check(upload(content, name))
    assert refusal.value.messages[0].endswith(".")


def action(**entries: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(Type=pikepdf.Name.Action, **entries)


SCRIPT = action(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def opens_with_script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = SCRIPT


def has_named_script(made: pikepdf.Pdf) -> None:
    tree = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), SCRIPT]))
    made.Root.Names = pikepdf.Dictionary(JavaScript=made.make_indirect(tree))


def acts_on_closing(made: pikepdf.Pdf) -> None:
    made.Root.AA = pikepdf.Dictionary(WC=SCRIPT)


def launches(made: pikepdf.Pdf) -> None:
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 9, 9],
        A=action(S=pikepdf.Name.Launch, F="cmd.exe"),
    )
    made.pages[0].Annots = pikepdf.Array([link])


def plays(made: pikepdf.Pdf) -> None:
    row = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.RichMedia, Rect=[0, 0, 9, 9])
    made.pages[0].Annots = pikepdf.Array([made.make_indirect(row)])


def carries(name: str, content: bytes) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.attachments[name] = pikepdf.AttachedFileSpec(made, content, filename=name)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (opens_with_script, "Skript"),
        (has_named_script, "Skript"),
        (acts_on_closing, "Skript"),
        (launches, "Skript"),
        (plays, "Skript"),
        (carries("rechnung.exe", b"harmless"), "Programm"),
        (carries("bild.png", b"MZ" + b"\x00" * 64), "Programm"),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "in object streams"])
def test_a_pdf_that_runs_something_is_refused_in_words(change, words, packed):
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pytest.raises(ValidationError, match=words):
        documents.check(upload(pdf(change, object_stream_mode=mode)))


def test_a_pdf_that_opens_at_its_first_page_and_carries_data_may_come_in():
    def change(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = action(S=pikepdf.Name.GoTo, D=pikepdf.Array([made.pages[0].obj, pikepdf.Name.Fit]))
        carries("daten.csv", b"a;b")(made)

    assert documents.check(upload(pdf(change))) == "application/pdf"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "Passwort"),
        (b"%PDF-1.7\n" + b"\x00" * 500, "beschädigt"),
    ],
)
def test_a_pdf_that_nobody_can_look_into_is_refused_in_words(content, words):
    with pytest.raises(ValidationError, match=words):
        documents.check(upload(content))


@pytest.mark.parametrize(("part", "words"), [("word/vbaProject.bin", "Makros"), ("word/embeddings/a.exe", "Programm")])
def test_a_word_file_that_brings_a_program_is_refused_in_words(part, words):
    with pytest.raises(ValidationError, match=words):
        documents.check(upload(docx(part), "Brief.docx"))


def test_what_was_checked_is_stored_whole(planner, working_group):
    document = documents.add(upload(), title="Papier", body=working_group, by=planner, at=AT)
    with document.file.open() as stored:
        assert stored.read() == PDF


def test_too_large_is_refused_before_it_is_read(settings):
    settings.UPLOAD_MAX_MB = 1
    with pytest.raises(ValidationError, match="höchstens 1 MB"):
        documents.check(upload(PDF + b"0" * 1024 * 1024))


def test_the_stored_name_tells_nothing(planner, working_group):
    document = documents.add(upload(name="../../Geheim (1).pdf"), title="Papier", body=working_group, by=planner, at=AT)
    assert "Geheim" not in document.file.name
    assert document.file.name.startswith("documents/")
    assert document.filename == "Geheim_1.pdf"
    with document.file.open() as stored:
        assert stored.read() == PDF


def test_only_chair_and_planning_group_add_papers(users, working_group):
    allowed = set()
    for role, user in users.items():
        try:
            documents.add(upload(), title="Papier", body=working_group, by=user, at=AT)
            allowed.add(role)
        except PermissionDenied:
            pass
    assert allowed == {"chair", "planner", "operator"}


def test_a_chair_adds_nothing_to_another_body(chair):
    with pytest.raises(PermissionDenied):
        documents.add(upload(), title="Papier", body=BodyFactory(), by=chair, at=AT)


PUBLIC = {"anonymous", "citizen", "applicant", "member", "chair", "planner", "lead_contact", "operator"}
INSIDE = {"member", "chair", "planner", "operator"}


@pytest.mark.parametrize(
    ("is_public", "meeting", "readers"),
    [(True, None, PUBLIC), (False, None, INSIDE), (True, False, INSIDE), (True, True, PUBLIC), (False, True, INSIDE)],
    ids=["public", "internal", "public at a closed meeting", "public at a public one", "internal at a public one"],
)
def test_who_may_read_a_paper(client_of, users, working_group, planner, is_public, meeting, readers):
    row = MeetingFactory(body=working_group, is_public=meeting) if meeting is not None else None
    document = documents.add(
        upload(), title="Papier", body=working_group, meeting=row, is_public=is_public, by=planner, at=AT
    )
    got = set()
    for role, user in users.items():
        response = client_of(user).get(document.get_absolute_url())
        if response.status_code == 200:
            assert b"".join(response.streaming_content) == PDF
            got.add(role)
    assert got == readers


def test_a_file_is_served_with_its_name_and_never_guessed(client_of, planner, working_group):
    content = docx()
    document = documents.add(upload(content, "Plan.docx"), title="Plan", body=working_group, by=planner, at=AT)
    response = client_of(planner).get(document.get_absolute_url())
    assert response["Content-Disposition"] == 'attachment; filename="Plan.docx"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == content


def test_a_wrong_name_leads_to_the_right_one(client_of, planner, working_group):
    document = documents.add(upload(), title="Papier", body=working_group, by=planner, at=AT)
    response = client_of(planner).get(f"/dokumente/{document.pk}/anders.pdf")
    assert (response.status_code, response["Location"]) == (301, document.get_absolute_url())


def test_if_the_row_cannot_be_saved_no_file_stays(db, settings, monkeypatch):
    def full(*args: object, **kwargs: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Document, "save", full)
    with pytest.raises(DatabaseError):
        documents.store(
            PDF, filename="a.pdf", title="A", content_type="application/pdf", is_public=False, by=None, at=AT
        )
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_the_form_keeps_what_was_typed_when_the_file_is_refused(client_of, planner, working_group):
    response = client_of(planner).post(
        "/arbeitsbereich/dokumente/",
        {"title": "Mein Titel", "body": working_group.pk, "file": upload(b"MZ\x00", "virus.pdf")},
    )
    assert response.status_code == 200
    assert "Mein Titel" in response.content.decode()
    assert "können wir nicht annehmen" in response.content.decode()
    assert not Document.objects.exists()


def test_uploading_in_the_workspace(client_of, chair, working_group):
    response = client_of(chair).post(
        "/arbeitsbereich/dokumente/", {"title": "Tischvorlage", "body": working_group.pk, "file": upload()}
    )
    assert response.status_code == 302
    document = Document.objects.get()
    assert (document.title, document.body, document.is_public, document.added_by) == (
        "Tischvorlage",
        working_group,
        False,
        chair,
    )
