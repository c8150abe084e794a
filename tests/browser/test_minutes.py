"""Minutes in a real browser: a connection goes, and there is no script. The whole way is walked in `test_meetings`."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from dialog.models import AgendaItem, Attendance, Meeting, Membership, Minutes, User
from dialog.services import minutes as service


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


@pytest.mark.django_db  # or no database is made when these tests run alone
def test_the_demo_has_minutes_in_each_state(portal):
    assert set(Minutes.objects.values_list("state", flat=True)) == set(Minutes.State.values)


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


def test_text_that_came_too_late_stays_and_is_offered_again(open_as):
    draft, first, _secret = begin()
    service.submit(draft, by=None, at=timezone.now())
    page = open_as("planner")
    page.goto(reverse("workspace_minutes_write", args=[draft.pk]))
    field(page, first).click()
    service.approve(draft, by=None, at=timezone.now())
    page.keyboard.type("Einen Augenblick zu spät.")
    page.locator(f"#top-{first.pk} .live-state").filter(has_text="inzwischen genehmigt").wait_for()
    assert field(page, first).inner_text().strip() == "Einen Augenblick zu spät."
    assert not field(page, first).is_editable()
    assert not draft.entries.exists()
    page.reload()
    offer = page.locator(f"#top-{first.pk} .live-notice")
    assert "Einen Augenblick zu spät." in offer.inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    offer.get_by_role("button", name="Text kopieren").click()
    offer.get_by_text("Kopiert.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "Einen Augenblick zu spät."
    offer.get_by_role("button", name="Verwerfen").click()
    page.reload()
    assert page.locator(".live-notice").count() == 0


def test_whoever_reads_meanwhile_learns_that_nobody_writes_any_more(open_as):
    draft, first, _secret = begin()
    service.submit(draft, by=None, at=timezone.now())
    page = open_as("planner")
    page.goto(reverse("workspace_minutes_write", args=[draft.pk]))
    service.approve(draft, by=None, at=timezone.now())
    page.locator(f"#top-{first.pk} .live-state").filter(has_text="inzwischen genehmigt").wait_for()
    assert not field(page, first).is_editable()


def test_a_session_that_ended_costs_no_text(open_as):
    draft, first, _secret = begin()
    page = open_as("planner")
    page.goto(reverse("workspace_minutes_write", args=[draft.pk]))
    cookies = page.context.cookies()
    page.context.clear_cookies()
    field(page, first).click()
    page.keyboard.type("Lange geschrieben.")
    page.get_by_text("nicht mehr angemeldet").wait_for()
    assert not draft.entries.exists()
    page.context.add_cookies(cookies)
    page.reload()
    page.get_by_role("button", name="Diesen Text einsetzen").click()
    saved(page, first)
    assert "Lange geschrieben." in draft.entries.get(agenda_item=first).text


def test_without_script_minutes_are_plain_forms(open_as):
    draft, first, _secret = begin()
    page = open_as("planner", script=False)
    page.goto(reverse("workspace_minutes_write", args=[draft.pk]))
    page.get_by_label("Text zu TOP 1").fill("Ganz ohne Script.")
    page.locator(f"#top-{first.pk}").get_by_role("button", name="Text speichern").click()
    page.get_by_text("Gespeichert.").wait_for()
    assert draft.entries.get(agenda_item=first).text == "<p>Ganz ohne Script.</p>"
