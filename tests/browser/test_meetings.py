"""A meeting from the copy of the last one to its public minutes, agenda and calendar, in a real browser."""

import datetime as dt
import io
import re

import pikepdf
import pytest
from django.urls import reverse
from django.utils import formats, timezone
from icalendar import Calendar, Event
from playwright.sync_api import Locator, Page, expect
from post_office.models import Email

from dialog.models import AgendaItem, Attendance, Guest, JobRun, Meeting, Minutes, User
from dialog.services import agenda, jobs, meetings, pdf
from tests.browser.test_minutes import field, saved
from tests.dialog.test_meeting_invitations import parts_of

CITIZEN = "buergerin@example.org"
OFFER, PRICE = "Kaufangebot für die Brachfläche", "Der Preis beträgt 38 Euro je Quadratmeter."
LIGHT = "Die Leuchte an der Treppe wird zuerst gebaut."


def tab_to(page: Page, wanted: Locator) -> None:
    """Presses the tabulator until `wanted` has the focus, as somebody without a mouse does."""
    wanted.wait_for()
    for _press in range(250):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The keyboard does not reach {wanted}.")


def titles(meeting: Meeting) -> list[str]:
    return list(meeting.agenda_items.order_by("position").values_list("title", flat=True))


def newest_invitation(address: str) -> tuple[Email, Event]:
    """The newest mail to `address` and the meeting as its calendar file tells it."""
    mail = Email.objects.filter(to=address).latest("id")
    calendar = Calendar.from_ical(parts_of(mail)["text/calendarREQUEST"])
    (zone,), (event,) = calendar.walk("VTIMEZONE"), calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST"
    assert zone["TZID"] == event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event["DTSTAMP"].dt.utcoffset() == dt.timedelta(0)
    return mail, event


def copy_of_the_last_one(page: Page, last: Meeting) -> Meeting:
    page.goto(reverse("workspace_meeting", args=[last.pk]))
    page.get_by_role("link", name="Als Vorlage für die nächste nehmen").click()
    page.locator("#id_day").fill((timezone.localdate() + dt.timedelta(days=40)).isoformat())
    page.get_by_role("button", name="Anlegen").click()
    page.get_by_text("Die Sitzung ist angelegt.").wait_for()
    made = Meeting.objects.latest("pk")
    assert (made.body, made.place) == (last.body, last.place)
    assert titles(made) == titles(last)
    return made


def write_the_agenda_by_keyboard(page: Page, meeting: Meeting) -> None:
    """Moves the fourth item up, and adds one that is not public, without a mouse."""
    first, *between, third, end = titles(meeting)
    page.goto(reverse("workspace_agenda", args=[meeting.pk]))
    tab_to(page, page.get_by_role("button", name=f"{third}: nach oben"))
    page.keyboard.press("Enter")
    page.wait_for_url("**#top-*")
    tab_to(page, page.locator("#id_title"))
    page.keyboard.type(OFFER)
    tab_to(page, page.locator("#id_kind"))
    page.keyboard.type("Beschluss")
    tab_to(page, page.locator("#id_duration"))
    page.keyboard.type("15")
    tab_to(page, page.locator("#id_is_public"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Hinzufügen", exact=True))
    page.keyboard.press("Enter")
    page.get_by_text(f"Der Punkt steht auf der Tagesordnung: {OFFER}").wait_for()
    assert titles(meeting) == [first, *between[:-1], third, between[-1], OFFER, end]
    added = meeting.agenda_items.get(title=OFFER)
    assert (added.kind, added.duration, added.is_public) == ("decision", 15, False)


def invite(page: Page, meeting: Meeting) -> None:
    page.goto(reverse("workspace_meeting_invitation", args=[meeting.pk]))
    page.get_by_role("button", name=re.compile(r"Einladung an .* verschicken")).click()
    page.wait_for_url("**/auftraege/**")
    jobs.run(JobRun.objects.latest("pk").pk)
    page.get_by_text("Fertig.").wait_for()


def move_half_an_hour(page: Page, meeting: Meeting) -> None:
    page.goto(reverse("workspace_meeting_edit", args=[meeting.pk]))
    page.locator("#id_begins").fill("18:30")
    page.locator("#id_ends").fill("20:30")
    page.get_by_role("button", name="Speichern").click()
    page.get_by_text("Die Eingeladenen bekommen eine Nachricht mit der Änderung.").wait_for()


def answer_by_the_link(page: Page, mail: Email, meeting: Meeting) -> None:
    """Opening the link stores nothing, because mail programmes open links too; the button does."""
    found = re.search(r"http\S+?(/sitzungen/antwort/\S+\?antwort=ja)", mail.message)
    assert found, mail.message
    row = Attendance.objects.filter(meeting=meeting, person__user__email=CITIZEN)
    page.goto(found[1])
    assert row.get().answer == ""
    page.get_by_role("button", name="Antwort abschicken").click()
    page.get_by_text("Ihre Antwort ist gespeichert").wait_for()
    assert row.get().answer == "yes"


def answer_on_my_page(page: Page, meeting: Meeting) -> None:
    page.goto("/konto/")
    day = formats.date_format(timezone.localtime(meeting.starts_at), "j. F")
    page.get_by_role("link", name=re.compile(rf"Einladung beantworten.*, {day}\)")).click()
    page.get_by_label("Ja, ich nehme teil").check()
    page.get_by_role("button", name="Antwort abschicken").click()
    page.get_by_text("Ihre Antwort ist gespeichert").wait_for()


def note_who_is_there(page: Page, meeting: Meeting) -> None:
    page.goto(reverse("workspace_attendance", args=[meeting.pk]))
    for name in ("Murat Yıldız", "Katarzyna Nowak", "Wolfgang Kemper"):
        page.get_by_role("group", name=re.compile(name)).get_by_label("anwesend", exact=True).check()
    page.get_by_role("group", name=re.compile("Gerd Pieper")).get_by_label("entschuldigt").check()
    page.get_by_role("button", name="Anwesenheit speichern").click()
    page.get_by_text("Die Anwesenheit ist gespeichert.").wait_for()
    page.locator("#gast #id_name").fill("Zita Ohnesorg")
    page.locator("#gast").get_by_role("button", name="Hinzufügen").click()
    page.get_by_text("Der Gast steht auf der Liste.").wait_for()
    assert meeting.attendances.present().count() == 3
    assert Guest.objects.get(meeting=meeting).presence == "present"


def write_together(one: Page, other: Page, minutes: Minutes, item: AgendaItem) -> None:
    """Both write about the same item: the second is warned, and both texts are kept."""
    for page in (one, other):
        page.goto(reverse("workspace_minutes_write", args=[minutes.pk]))
    field(one, item).click()
    one.keyboard.type("Wolfgang Kemper regt eine Leuchte an der Treppe an.")
    saved(one, item)
    field(other, item).click()
    other.keyboard.type("Die Stadtplanung prüft das bis Mai.")
    warning = other.get_by_role("alert").filter(has_text="Jemand anderes")
    expect(warning).to_contain_text("regt eine Leuchte")
    expect(field(other, item)).to_contain_text("prüft das bis Mai")
    other.get_by_role("button", name="Beide Texte behalten").click()
    saved(other, item)
    text = minutes.entries.get(agenda_item=item).text
    assert "regt eine Leuchte" in text
    assert "prüft das bis Mai" in text


def decide(page: Page, item: AgendaItem, wording: str) -> None:
    page.get_by_role("link", name=f"Beschluss zu TOP {item.position}").click()
    page.get_by_label(re.compile("Wortlaut")).fill(wording)
    page.get_by_label("Ja-Stimmen").fill("2")
    page.get_by_label("Enthaltungen").fill("1")
    page.get_by_role("button", name="Festhalten").click()
    page.get_by_text(wording).wait_for()


def give_to_review(page: Page, minutes: Minutes) -> None:
    page.goto(reverse("workspace_minutes_write", args=[minutes.pk]))
    page.get_by_role("link", name="Zur Durchsicht geben").click()
    page.get_by_role("button", name="Zur Durchsicht geben").click()
    page.get_by_text("in Durchsicht").first.wait_for()


def propose(page: Page, item: AgendaItem, text: str) -> None:
    """By the link in the mail that tells of the review."""
    mail = Email.objects.filter(to=CITIZEN).latest("id")
    found = re.search(r"http://[^/\s]+(/sitzungen/\d+/niederschrift/)", mail.message)
    assert found, mail.message
    page.goto(found[1])
    page.get_by_role("link", name=f"Korrektur vorschlagen zu TOP {item.position}").click()
    page.get_by_label(re.compile("Was soll anders stehen")).fill(text)
    page.get_by_role("button", name="Vorschlag absenden").click()
    page.get_by_text("vorgeschlagen").first.wait_for()


def take_over(page: Page, minutes: Minutes, item: AgendaItem) -> None:
    """Changes the text as proposed, then answers the proposal."""
    page.goto(reverse("workspace_minutes_write", args=[minutes.pk]))
    answer = page.get_by_role("link", name=f"Antworten auf den Vorschlag zu TOP {item.position}")
    answer.click()
    page.get_by_role("link", name="Zuerst den Text ändern").click()
    text = page.locator("#id_text")
    text.fill(text.input_value().replace("bis Mai", "bis März"))
    page.get_by_role("button", name="Text speichern").click()
    page.get_by_text("Gespeichert.").first.wait_for()
    answer.click()
    page.get_by_role("button", name="Übernommen").click()
    page.get_by_text("übernommen").first.wait_for()
    assert "bis März" in minutes.entries.get(agenda_item=item).text


def approve_and_publish(chair: Page, planner: Page, minutes: Minutes) -> None:
    address = reverse("workspace_minutes_write", args=[minutes.pk])
    chair.goto(address)
    chair.get_by_role("link", name="Genehmigen").click()
    chair.get_by_role("button", name="Jetzt genehmigen").click()
    chair.get_by_text("Die Niederschrift ist genehmigt.").wait_for()
    planner.goto(address)
    planner.get_by_role("link", name="Veröffentlichen").click()
    planner.get_by_role("button", name="Jetzt veröffentlichen").click(timeout=60_000)
    planner.get_by_text("ändert sich nicht mehr").wait_for(timeout=60_000)


def check_public_part(reader: Page, meeting: Meeting) -> None:
    """Page, paper, search and calendars tell the public items and nothing of the other one, nor who did not agree."""
    reader.goto(reverse("minutes", args=[meeting.pk]))
    page = reader.locator("main").inner_text()
    paper = reader.request.get(reader.get_by_role("link", name="Niederschrift als PDF").get_attribute("href") or "")
    with pikepdf.open(io.BytesIO(paper.body())) as made:
        printed = " ".join(pdf.page_texts(made))
    shown = [heading.partition(": ")[2] for heading in reader.locator("main h2").all_inner_texts() if "TOP" in heading]
    assert shown == list(
        meeting.agenda_items.filter(is_public=True).order_by("position").values_list("title", flat=True)
    )
    for text in (page, printed):
        assert LIGHT in text
        assert "bis März" in text
        assert "Katarzyna Nowak" in text
        assert "[Name] regt eine Leuchte" in text
    reader.goto(f"/suche/?q={OFFER.split()[-1]}")
    found = reader.locator("main").inner_text()
    assert meeting.get_absolute_url() not in reader.content()
    feeds = [
        reader.request.get(address).text()
        for address in ("/sitzungen/kalender.ics", f"/gremien/{meeting.body.slug}/kalender.ics")
    ]
    for feed in feeds:
        (event,) = [one for one in Calendar.from_ical(feed).walk("VEVENT") if str(meeting.uid) in one["UID"]]
        assert event["SEQUENCE"] == 1
    name = paper.headers["content-disposition"]
    for text in (page, printed, name, *feeds):
        for secret in (OFFER, PRICE, "Brachfläche", "38 Euro", "abgelehnt", "Kemper", "Ohnesorg"):
            assert secret not in text
    assert PRICE not in found


def test_from_the_copy_of_the_last_meeting_to_the_public_minutes(open_as):
    last = Meeting.objects.get(record_key="stadt-5")
    planner, chair, citizen, reader = open_as("planner"), open_as("chair"), open_as("citizen"), open_as()

    meeting = copy_of_the_last_one(planner, last)
    write_the_agenda_by_keyboard(planner, meeting)
    invite(planner, meeting)
    mail, first = newest_invitation(CITIZEN)
    move_half_an_hour(planner, meeting)
    _changed, second = newest_invitation(CITIZEN)
    assert (first["UID"], first["SEQUENCE"], second["SEQUENCE"]) == (second["UID"], 0, 1)
    assert second["DTSTART"].dt - first["DTSTART"].dt == dt.timedelta(minutes=30)
    answer_by_the_link(reader, mail, meeting)
    answer_on_my_page(chair, meeting)

    # The day has come.
    now = timezone.now()
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=now - dt.timedelta(hours=3), ends_at=now - dt.timedelta(hours=1)
    )
    meeting.refresh_from_db()
    note_who_is_there(planner, meeting)
    planner.goto(reverse("workspace_minutes"))
    planner.locator(f"#sitzung-{meeting.pk}").get_by_role("button").click()
    planner.wait_for_url("**/niederschriften/**")
    minutes = Minutes.objects.get(meeting=meeting)
    light, secret = meeting.agenda_items.get(position=3), meeting.agenda_items.get(title=OFFER)
    write_together(planner, open_as("operator"), minutes, light)
    planner.reload()
    field(planner, secret).click()
    planner.keyboard.type(PRICE)
    saved(planner, secret)
    decide(planner, light, LIGHT)
    decide(planner, secret, "Das Angebot wird abgelehnt.")
    give_to_review(planner, minutes)
    propose(citizen, light, "Geprüft wird bis März, nicht bis Mai.")
    take_over(planner, minutes, light)
    approve_and_publish(chair, planner, minutes)
    check_public_part(reader, meeting)


def planned(number: int) -> tuple[Meeting, list[AgendaItem]]:
    """A meeting of the demo's chair with `number` items and no standing ones."""
    planner = User.objects.get(email="planung@example.org")
    body = Meeting.objects.get(record_key="planung-6").body
    start = timezone.now() + dt.timedelta(days=60)
    end = start + dt.timedelta(hours=2)
    meeting = meetings.create(body, starts_at=start, ends_at=end, by=planner, at=timezone.now())
    items = [agenda.add(meeting, by=planner, title=f"Punkt {place}", duration=10) for place in range(1, number + 1)]
    return meeting, items


def test_an_agenda_is_put_in_order_by_dragging(open_as):
    meeting, items = planned(3)
    page = open_as("planner")
    page.goto(reverse("workspace_agenda", args=[meeting.pk]))
    page.locator(f"#top-{items[2].pk} .handle").drag_to(
        page.locator(f"#top-{items[0].pk}"), target_position={"x": 40, "y": 4}
    )
    expect(page.locator("[data-agenda-status]")).to_have_text("Verschoben auf Platz 1", timeout=15_000)
    assert titles(meeting) == ["Punkt 3", "Punkt 1", "Punkt 2"]
    # Numbers and times have followed without a reload.
    expect(page.locator(f"#top-{items[2].pk} .top")).to_contain_text("TOP 1")
    expect(page.locator(f"#top-{items[1].pk} .top")).to_contain_text("TOP 3")


def test_an_agenda_is_put_in_order_on_a_phone_without_script(open_as):
    meeting, items = planned(3)
    page = open_as("planner", width=360, script=False)
    page.goto(reverse("workspace_agenda", args=[meeting.pk]))
    page.get_by_role("button", name="Punkt 3: nach oben").click()
    page.wait_for_url(f"**#top-{items[2].pk}")
    assert titles(meeting) == ["Punkt 1", "Punkt 3", "Punkt 2"]
    assert page.get_by_role("button", name="Punkt 1: nach oben").is_disabled()


def test_when_an_item_cannot_be_stored_where_it_was_dragged_the_page_says_so(open_as):
    meeting, items = planned(3)
    page = open_as("planner")
    page.goto(reverse("workspace_agenda", args=[meeting.pk]))
    page.context.set_offline(True)
    page.locator(f"#top-{items[2].pk} .handle").drag_to(
        page.locator(f"#top-{items[0].pk}"), target_position={"x": 40, "y": 4}
    )
    expect(page.locator("[data-agenda-status]")).to_contain_text("Das hat nicht geklappt", timeout=15_000)
    assert titles(meeting) == ["Punkt 1", "Punkt 2", "Punkt 3"]


@pytest.mark.django_db  # or no database is made when these tests run alone
def test_the_calendar_is_walked_by_keyboard_and_keeps_the_chosen_body(open_as):
    page = open_as(width=390)
    page.goto("/sitzungen/?gremium=stadtentwicklung-und-wohnen")
    tab_to(page, page.get_by_role("link", name="Monatsansicht"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/sitzungen/monat/?gremium=stadtentwicklung-und-wohnen")
    this_month = page.locator("h1").inner_text()
    tab_to(page, page.locator("a[rel=next]"))
    page.keyboard.press("Enter")
    page.wait_for_url("**&gremium=stadtentwicklung-und-wohnen")
    assert page.locator("h1").inner_text() != this_month
    tab_to(page, page.get_by_role("link", name="Heute"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/sitzungen/monat/?gremium=stadtentwicklung-und-wohnen")
    assert page.locator("h1").inner_text() == this_month
    tab_to(page, page.get_by_role("link", name="Als Liste"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/sitzungen/?gremium=stadtentwicklung-und-wohnen")
