"""Documents and pictures of a measure: checked, made smaller, described, and as public as the measure."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from dialog.models import Document, Step
from dialog.services import pictures
from measures.models import Attachment
from measures.services import attachments, measures
from tests.factories import AttachmentFactory, MeasureFactory, berlin

pytestmark = pytest.mark.django_db
NOW = berlin(2026, 11, 23)
SAID = {"title": "Der Anbau", "alternative": "Ein Haus aus Holz mit großen Fenstern."}


def picture(width=2000, height=1000, kind="JPEG", **more):
    file = BytesIO()
    Image.new("RGB", (width, height), "green").save(file, kind, **more)
    return SimpleUploadedFile(f"bild.{kind.lower()}", file.getvalue())


def status(client, address):
    response = client.get(address)
    assert response.getvalue()
    return response.status_code


def page(measure):
    return f"/arbeitsbereich/massnahmen/{measure.number}/anlagen/"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_lead_adds_a_picture_and_everyone_sees_it(client, client_of, lead_contact, measure, kind):
    response = client_of(lead_contact).post(page(measure), SAID | {"file": picture(kind=kind), "credit": "Ute Foto"})
    assert response.status_code == 302
    row = Attachment.objects.get()
    assert (row.width, row.height, row.small_width) == (1600, 800, 640)
    with row.small.file.open() as file, Image.open(file) as small:
        assert (small.size, small.format) == ((640, 320), kind)
    content = client.get(measure.get_absolute_url()).content.decode()
    assert 'alt="Ein Haus aus Holz mit großen Fenstern."' in content
    assert 'width="1600" height="800" loading="lazy"' in content
    assert f"{row.small.get_absolute_url()} 640w" in content
    assert "Bild: Ute Foto" in content
    assert status(client, row.document.get_absolute_url()) == 200
    assert Step.objects.of(measure).get().name == "attach"


def test_the_place_and_words_in_a_picture_do_not_come_with_it(measure, lead_contact):
    exif = Image.Exif()
    exif[0x010E] = "Geheime Notiz"
    exif[0x0112] = 6  # turned by a quarter
    upload = picture(200, 100, exif=exif, comment=b"Noch eine Notiz")
    row = attachments.add(measure, upload, by=lead_contact, at=NOW, **SAID)
    with row.document.file.open() as file:
        content = file.read()
    assert b"Notiz" not in content
    assert (row.width, row.height) == (100, 200)


@pytest.mark.parametrize("alternative", ["", "   "])
def test_a_picture_needs_its_description(client_of, lead_contact, measure, alternative):
    content = client_of(lead_contact).post(page(measure), SAID | {"alternative": alternative, "file": picture()})
    assert "was auf dem Bild zu sehen ist" in content.content.decode()
    assert 'value="Der Anbau"' in content.content.decode()
    assert not Document.objects.exists()


def bomb():
    return picture(pictures.MOST_POINTS // 1000 + 1, 1000, "PNG")


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (lambda: SimpleUploadedFile("bild.png", picture(kind="PNG").read()[:300]), "nicht öffnen"),
        (lambda: SimpleUploadedFile("skript.jpg", b"<script>alert(1)</script>"), "nicht annehmen"),
        (lambda: SimpleUploadedFile("bild.png", picture(kind="JPEG").read()), "nicht annehmen"),
        (bomb, "zu groß"),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(client_of, lead_contact, measure, settings, upload, words):
    import weasyprint.images  # noqa: F401  (it tells Pillow to accept half a picture)

    response = client_of(lead_contact).post(page(measure), SAID | {"file": upload()})
    assert words in response.content.decode()
    assert not Document.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_a_proposals_files_are_public_when_it_is(client, planner):
    measure = MeasureFactory(proposed=True)
    row = attachments.add(measure, picture(), by=planner, at=NOW, **SAID)
    files = [row.document.get_absolute_url(), row.small.get_absolute_url()]
    assert {status(client, file) for file in files} == {404}
    measures.decide(measure, by=planner, at=NOW, decided_by="Verwaltungsvorstand")
    assert {status(client, file) for file in files} == {200}


def test_a_removed_picture_leaves_no_file(
    client_of, lead_contact, measure, settings, django_capture_on_commit_callbacks
):
    row = attachments.add(measure, picture(), by=lead_contact, at=NOW, **SAID)
    with django_capture_on_commit_callbacks(execute=True):
        client_of(lead_contact).post(f"{page(measure)}{row.pk}/loeschen/")
    assert not Attachment.objects.exists()
    assert not Document.objects.exists()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_of_another_measure_nothing_is_removed(client_of, lead_contact, measure):
    other = AttachmentFactory()
    assert client_of(lead_contact).post(f"{page(measure)}{other.pk}/loeschen/").status_code == 404
    assert client_of(lead_contact).post(f"{page(other.measure)}{other.pk}/loeschen/").status_code == 403
    assert Attachment.objects.get() == other


def test_there_is_an_end(client_of, lead_contact, measure):
    for _n in range(attachments.MOST):
        AttachmentFactory(measure=measure)
    response = client_of(lead_contact).post(page(measure), SAID | {"file": picture(10, 10)})
    assert "nicht möglich" in response.content.decode()
    assert measure.attachments.count() == attachments.MOST
