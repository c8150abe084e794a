"""Minutes in a real browser: two write at once, a connection goes, a draft is reviewed, approved, published."""

import datetime as dt
import io
import re

import pikepdf
from django.urls import reverse
from django.utils import timezone

from dialog.models import AgendaItem, Attendance, Meeting, Membership, User
from dialog.services import minutes as service
from dialog.services import pdf


def begin(*, is_public=True):
    """Minutes in draft of a meeting of yesterday, led by the demo's chair, with a public and a non-public item."""
    chair = Membership.objects.active().get(person__user__email="leitung@example.org", role="chair")
    end = timezone.now() - dt.timedelta(days=1)
    meeting = Meeting.objects.create(
        body=chair.body, starts_at=end - dt.timedelta(hours=2), ends_at=end, is_public=is_public
    )
    first = AgendaItem.objects.create(meeting=meeting, position=1, title="Bänke am Wasser")
    secret = AgendaItem.objects.create(meeting=meeting, position=2, title="Vertragsangebot", is_public=False)
    Attendance.objects.create(meeting=meeting, person=chair.person, role="chair", presence="present")
    planner = User.objects.get(email="planung@example.org")
    return service.start(meeting, by=planner, at=timezone.now()), first, secret


def field(page, item):
    return page.locator(f"#top-{item.pk} .rich")


def saved(page, item):
    page.locator(f"#top-{item.pk} .live-state").filter(has_text=re.compile("Gespeichert")).wait_for()


def test_from_live_minutes_by_two_to_the_public_page_and_paper(open_as):
    draft, first, secret = begin()
    address = reverse("workspace_minutes_write", args=[draft.pk])
    one, other = open_as("planner"), open_as("operator")
    one.goto(address)
    other.goto(address)

    # Two on one item: the second is warned, both texts are kept.
    field(one, first).click()
    one.keyboard.type("Vier Bänke stehen.")
    saved(one, first)
    field(other, first).click()
    other.keyboard.type("Eine Bank fehlt noch.")
    other.get_by_role("alert").filter(has_text="Jemand anderes").wait_for()
    assert "Vier Bänke stehen." in other.get_by_role("alert").inner_text()
    assert "Eine Bank fehlt noch." in field(other, first).inner_text()
    other.get_by_role("button", name="Beide Texte behalten").click()
    saved(other, first)
    text = draft.entries.get(agenda_item=first).text
    assert "Vier Bänke stehen." in text
    assert "Eine Bank fehlt noch." in text
    field(one, secret).click()
    one.keyboard.type("Das Angebot bleibt vertraulich.")
    saved(one, secret)

    # A decision in place, then the review.
    one.reload()
    one.get_by_role("link", name="Beschluss zu TOP 1").click()
    one.get_by_label(re.compile("Wortlaut")).fill("Die fünfte Bank wird bestellt.")
    one.get_by_label("einstimmig").check()
    one.get_by_role("button", name="Festhalten").click()
    one.get_by_text("Die fünfte Bank wird bestellt.").wait_for()
    one.get_by_role("link", name="Zur Durchsicht geben").click()
    one.get_by_role("button", name="Zur Durchsicht geben").click()
    one.get_by_text("in Durchsicht").first.wait_for()

    chair = open_as("chair")
    chair.goto(reverse("minutes", args=[draft.meeting_id]))
    chair.get_by_role("link", name="Korrektur vorschlagen zu TOP 1").click()
    chair.get_by_label(re.compile("Was soll anders stehen")).fill("Es sind fünf Bänke.")
    chair.get_by_role("button", name="Vorschlag absenden").click()
    one.reload()
    one.get_by_role("link", name="Antworten auf den Vorschlag zu TOP 1").click()
    one.get_by_role("button", name="Übernommen").click()

    # Approval by the chair, publication by the planning group.
    chair.goto(address)
    chair.get_by_role("link", name="Genehmigen").click()
    chair.get_by_role("button", name="Jetzt genehmigen").click()
    chair.get_by_text("Die Niederschrift ist genehmigt.").wait_for()
    one.goto(address)
    one.get_by_role("link", name="Veröffentlichen").click()
    assert "vertraulich" not in one.locator(".preview").inner_text()
    one.get_by_role("button", name="Jetzt veröffentlichen").click(timeout=60_000)
    one.get_by_text("ändert sich nicht mehr").wait_for(timeout=60_000)

    reader = open_as()
    reader.goto(reverse("minutes", args=[draft.meeting_id]))
    page = reader.locator("main").inner_text()
    assert "Die fünfte Bank wird bestellt." in page
    assert "vertraulich" not in page
    assert "Vertragsangebot" not in page
    paper = reader.request.get(reader.get_by_role("link", name="Niederschrift als PDF").get_attribute("href") or "")
    with pikepdf.open(io.BytesIO(paper.body())) as made:
        text = " ".join(pdf.page_texts(made))
    assert "bestellt" in text
    assert "vertraulich" not in text
    assert "Vertragsangebot" not in text


def test_without_connection_the_text_is_kept_and_offered_again(open_as):
    draft, first, _secret = begin()
    page = open_as("planner")
    page.goto(reverse("workspace_minutes_write", args=[draft.pk]))
    page.context.set_offline(True)
    field(page, first).click()
    page.keyboard.type("Ohne Netz geschrieben.")
    page.get_by_text("Keine Verbindung").wait_for()
    assert not draft.entries.exists()
    # The tab is closed before anything could be sent; another one of the same browser offers the text.
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(reverse("workspace_minutes_write", args=[draft.pk]))
    again.get_by_role("button", name="Diesen Text einsetzen").click()
    saved(again, first)
    assert "Ohne Netz geschrieben." in draft.entries.get(agenda_item=first).text


def test_without_script_minutes_are_plain_forms(open_as):
    draft, first, _secret = begin()
    page = open_as("planner", script=False)
    page.goto(reverse("workspace_minutes_write", args=[draft.pk]))
    page.get_by_label("Text zu TOP 1").fill("Ganz ohne Script.")
    page.locator(f"#top-{first.pk}").get_by_role("button", name="Text speichern").click()
    page.get_by_text("Gespeichert.").wait_for()
    assert draft.entries.get(agenda_item=first).text == "<p>Ganz ohne Script.</p>"
