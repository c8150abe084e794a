"""The review of minutes by those who were there: with an account on its page, without one by a link of their own."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from dialog.models import Attendance, Guest, Minutes, Person
from dialog.services import minutes, minutes_review
from tests.conftest import ROLES
from tests.factories import (
    AgendaItemFactory,
    GuestFactory,
    MeetingFactory,
    MembershipFactory,
    MinutesEntryFactory,
    MinutesFactory,
    PersonFactory,
)

NOW = timezone.now()


@pytest.fixture
def draft(working_group, member):
    """A draft with a public and a confidential item; a member, one without account and two guests were there."""
    meeting = MeetingFactory(body=working_group, held=True, starts_at=NOW - dt.timedelta(days=3))
    draft = MinutesFactory(meeting=meeting, text="")
    open_item = AgendaItemFactory(meeting=meeting, position=1, title="Wege am Grünzug")
    secret = AgendaItemFactory(meeting=meeting, position=2, title="Mietschulden", is_public=False)
    MinutesEntryFactory(minutes=draft, agenda_item=open_item, text="<p>Vier Lampen stehen.</p>")
    MinutesEntryFactory(minutes=draft, agenda_item=secret, text="<p>Streng vertraulich.</p>")
    paper = PersonFactory(name="Otto Papier", email="otto@example.org")
    MembershipFactory(body=working_group, person=paper)
    absent = PersonFactory(name="Abel Abwesend", email="abel@example.org")
    for person, presence in ((member.person, "present"), (paper, "present"), (absent, "absent")):
        Attendance.objects.create(meeting=meeting, person=person, presence=presence)
    Guest.objects.create(meeting=meeting, name="Gerda Gast", email="gerda@example.org", presence="present")
    Guest.objects.create(meeting=meeting, name="Ohne Adresse", presence="present")
    Guest.objects.create(meeting=meeting, name="Nicht gekommen", email="weg@example.org", presence="absent")
    return draft


@pytest.fixture
def reviewed(draft, planner):
    minutes.submit(draft, by=planner, at=NOW, until=timezone.localdate(NOW) + dt.timedelta(days=10))
    return draft


def link_to(address: str) -> str:
    mail = Email.objects.filter(to=address).latest("pk")
    return re.search(r"http://127.0.0.1:8000(/sitzungen/\S+)", mail.message).group(1)


def test_everyone_who_was_there_and_can_be_reached_gets_one_mail_with_a_way_to_read(reviewed):
    assert sorted(mail.to[0] for mail in Email.objects.all()) == [
        "gerda@example.org",
        "mira@example.org",
        "otto@example.org",
    ]
    assert link_to("mira@example.org") == reverse("minutes", args=[reviewed.meeting_id])
    assert "/durchsicht/" in link_to("gerda@example.org")
    assert link_to("gerda@example.org") != link_to("otto@example.org")


def test_a_guest_reads_the_public_items_and_a_member_without_account_all(reviewed, client_of, anonymous):
    guest = client_of(anonymous).get(link_to("gerda@example.org")).content.decode()
    assert "Vier Lampen stehen." in guest
    for secret in ("Mietschulden", "vertraulich", "Abel Abwesend"):
        assert secret not in guest
    member = client_of(anonymous).get(link_to("otto@example.org")).content.decode()
    assert "Vier Lampen stehen." in member
    assert "Streng vertraulich." in member


def test_a_guest_proposes_a_correction_and_is_told_what_became_of_it(reviewed, client_of, anonymous, planner):
    item = reviewed.meeting.agenda_items.get(position=1)
    browser, link = client_of(anonymous), link_to("gerda@example.org")
    page = browser.get(f"{link}?punkt={item.pk}").content.decode()
    assert page.count("<textarea") == 1
    refused = browser.post(link, {"item": item.pk, "text": "  "})
    assert refused.status_code == 200
    assert "error-summary" in refused.content.decode()
    assert browser.post(link, {"item": item.pk, "text": "Es waren fünf Lampen."}).status_code == 302
    correction = reviewed.corrections.get()
    assert (correction.guest.name, correction.proposed_by, correction.agenda_item) == ("Gerda Gast", None, item)
    assert "Es waren fünf Lampen." in browser.get(link).content.decode()
    writing = client_of(planner).get(reverse("workspace_minutes_write", args=[reviewed.pk])).content.decode()
    assert "Gerda Gast, vorgeschlagen" in writing
    Email.objects.all().delete()
    minutes.answer(correction, take_over=False, answer="Wir haben nachgezählt.", by=planner, at=NOW)
    [mail] = Email.objects.all()
    assert mail.to == ["gerda@example.org"]
    assert "Wir haben nachgezählt." in mail.message
    assert link in mail.message


def test_a_member_without_account_corrects_under_their_name(reviewed, client_of, anonymous):
    item = reviewed.meeting.agenda_items.get(position=2)
    client_of(anonymous).post(link_to("otto@example.org"), {"item": item.pk, "text": "Anders."})
    assert reviewed.corrections.get().person.name == "Otto Papier"


def test_a_guest_corrects_nothing_that_they_may_not_read(reviewed, client_of, anonymous):
    secret = reviewed.meeting.agenda_items.get(position=2)
    other = AgendaItemFactory()
    for item in (secret.pk, other.pk, "x", ""):
        page = client_of(anonymous).post(link_to("gerda@example.org"), {"item": item, "text": "Anders."})
        assert "vertraulich" not in page.content.decode()
    assert not reviewed.corrections.exists()


def test_the_link_ends_with_the_review(reviewed, client_of, anonymous, planner):
    item, link = reviewed.meeting.agenda_items.get(position=1), link_to("gerda@example.org")
    browser = client_of(anonymous)
    Minutes.objects.update(review_until=timezone.localdate() - dt.timedelta(days=1))
    page = browser.get(link)
    assert page.status_code == 200
    assert "Die Durchsicht ist beendet." in page.content.decode()
    assert "Vier Lampen" not in page.content.decode()
    late = browser.post(link, {"item": item.pk, "text": "Zu spät geschrieben."})
    assert late.status_code == 409
    assert "Zu spät geschrieben." in late.content.decode()
    assert "Vier Lampen" not in late.content.decode()
    Minutes.objects.update(review_until=timezone.localdate())
    assert "Vier Lampen" in browser.get(link).content.decode()
    minutes.reopen(Minutes.objects.get(), by=planner, at=NOW)
    assert "Vier Lampen" not in browser.get(link).content.decode()


def test_a_link_of_another_making_leads_nowhere(reviewed, client_of, anonymous):
    link = link_to("gerda@example.org")
    for wrong in (f"{link[:-2]}x/", "/sitzungen/durchsicht/unsinn/", link.replace("durchsicht/", "durchsicht/a")):
        assert client_of(anonymous).get(wrong).status_code == 404
    Guest.objects.filter(name="Gerda Gast").delete()
    assert client_of(anonymous).get(link).status_code == 404


def test_nobody_floods_the_writers(reviewed):
    access = minutes_review.Access(reviewed, guest=Guest.objects.get(name="Gerda Gast"))
    item = reviewed.meeting.agenda_items.get(position=1)
    for number in range(minutes_review.MAX_CORRECTIONS):
        minutes_review.propose(access, item, text=f"Vorschlag {number}", at=NOW)
    with pytest.raises(ValidationError):
        minutes_review.propose(access, item, text="Noch einer", at=NOW)


def test_the_planning_group_sees_before_who_gets_a_mail(draft, read):
    page = read("planner", reverse("workspace_minutes_step", args=[draft.pk, "durchsicht"]))
    for name in ("Mira Mitglied", "Otto Papier", "Gerda Gast"):
        assert name in page
    assert "Nicht gekommen" not in page


# ── who reads and corrects what, and by which way ───────────────────────────────────────────────────────

ALL = set(ROLES)
INSIDE = {"member", "chair", "planner", "operator"}

#: Way → (who reads the public item by it, who the confidential one). With a link the link alone counts: whoever holds
#: it reads as the one it was sent to, signed in or not.
READS = {
    "without a link": (INSIDE, INSIDE),
    "a guest's link": (ALL, set()),
    "a member's link": (ALL, ALL),
    "the link to another meeting": (set(), set()),
    "the link of a guest who is gone": (set(), set()),
    "a forged link": (set(), set()),
    "a guest's link, after the last day": (set(), set()),
    "a member's link, after the last day": (set(), set()),
    "a guest's link, after the approval": (set(), set()),
    "a member's link, after the approval": (set(), set()),
    "without a link, after the last day": (INSIDE, INSIDE),
}
#: Way → (who proposes a correction to the public item, who to the confidential one).
CORRECTS = {**READS, "without a link, after the last day": (set(), set())}


@pytest.fixture
def way(reviewed, planner, request):
    """The page that the way leads to, after what has happened on it."""
    words, _, happened = request.param.partition(", ")
    access = {
        "a guest's link": minutes_review.Access(reviewed, guest=Guest.objects.get(name="Gerda Gast")),
        "a member's link": minutes_review.Access(reviewed, person=Person.objects.get(name="Otto Papier")),
    }
    if words == "without a link":
        page = reverse("minutes", args=[reviewed.meeting_id])
    elif words == "the link to another meeting":
        other = MinutesFactory(state="in_review", meeting=MeetingFactory(body=reviewed.meeting.body))
        page = minutes_review.path(minutes_review.Access(other, guest=GuestFactory(meeting=other.meeting)))
    elif words == "the link of a guest who is gone":
        guest = GuestFactory(meeting=reviewed.meeting)
        page = minutes_review.path(minutes_review.Access(reviewed, guest=guest))
        guest.delete()
    elif words == "a forged link":
        page = minutes_review.path(access["a member's link"])[:-4] + "abc/"
    else:
        page = minutes_review.path(access[words])
    if happened == "after the last day":
        Minutes.objects.update(review_until=timezone.localdate() - dt.timedelta(days=1))
    elif happened == "after the approval":
        minutes.approve(reviewed, by=None, at=NOW)
    return page


def table(rows):
    return pytest.mark.parametrize(("way", "expected"), list(rows.items()), indirect=["way"], ids=list(rows))


@table(READS)
def test_who_reads_what_by_which_way(way, expected, users, client_of):
    pages = {role: client_of(user).get(way).content.decode() for role, user in users.items()}
    for words, readers in zip(("Vier Lampen stehen.", "Streng vertraulich."), expected, strict=True):
        assert {role for role, page in pages.items() if words in page} == readers, words


@table(CORRECTS)
def test_who_corrects_what_by_which_way(way, expected, reviewed, users, client_of):
    for position, proposers in zip((1, 2), expected, strict=True):
        item = reviewed.meeting.agenda_items.get(position=position)
        proposed = set()
        for role, user in users.items():
            page = way if "durchsicht" in way else reverse("workspace_minutes_correct", args=[reviewed.pk, item.pk])
            client_of(user).post(page, {"item": item.pk, "text": "Anders."})
            if reviewed.corrections.filter(agenda_item=item).exists():
                proposed.add(role)
                reviewed.corrections.all().delete()
        assert proposed == proposers, item


def test_without_its_token_the_address_of_the_review_is_nobodys(reviewed, users, client_of):
    for address in ("/sitzungen/durchsicht/", "/sitzungen/durchsicht/1/", f"/sitzungen/durchsicht/{reviewed.pk}/"):
        assert {client_of(user).get(address).status_code for user in users.values()} == {404}


def test_a_link_to_a_non_public_meeting_works_for_its_guests_and_for_nobody_without_it(reviewed, users, client_of):
    reviewed.meeting.is_public = False
    reviewed.meeting.save()
    link = link_to("gerda@example.org")
    for role, user in users.items():
        assert "Vier Lampen stehen." in client_of(user).get(link).content.decode()
        found = client_of(user).get(reverse("minutes", args=[reviewed.meeting_id])).status_code
        assert found == (200 if role in INSIDE else 404), role
    Minutes.objects.update(review_until=timezone.localdate() - dt.timedelta(days=1))
    page = client_of(users["anonymous"]).get(link).content.decode()
    assert reviewed.meeting.get_absolute_url() not in page
