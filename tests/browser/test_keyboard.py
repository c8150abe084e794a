"""Stories that somebody lives without a mouse: every step is a key, and what has the focus shows."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import formats, timezone
from playwright.sync_api import Locator, Page

from dialog.models import Attendance, Body, JobRun, Meeting, Membership, User
from dialog.models.people import led_body_ids
from dialog.services import jobs, meeting_invitations
from measures.models import CouncilReport, GroupStatement, Measure
from tests.browser.conftest import ACCOUNTS
from tests.browser.test_meetings import tab_to
from tests.browser.test_minutes import begin, field, saved
from tests.factories import MembershipFactory

CITIZEN = "buergerin@example.org"
CHAIR = "leitung@example.org"
PLANNER = "planung@example.org"


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Goes to `wanted` by keyboard, sees that it has the focus, and presses the key."""
    tab_to(page, wanted)
    shown = wanted.evaluate("element => getComputedStyle(element).outlineStyle + getComputedStyle(element).boxShadow")
    assert shown != "nonenone"
    page.keyboard.press(key)


def type_into(page: Page, wanted: Locator, text: str) -> None:
    tab_to(page, wanted)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def choose(page: Page, options: Locator, label: str) -> None:
    """The keyboard stops at one radio button of a group; arrows go on to the others."""
    stop = options.and_(page.locator(":checked")) if options.and_(page.locator(":checked")).count() else options.first
    press(page, stop, "Space")
    for _option in range(options.count()):
        if page.get_by_label(label, exact=True).is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"The keyboard does not reach {label}.")


def type_day(page: Page, wanted: Locator, day: dt.date) -> None:
    """Types a date as it is written where the browser comes from: the day or the month first."""
    for order in ("%d%m%Y", "%m%d%Y"):
        tab_to(page, wanted)
        page.keyboard.type(f"{day:{order}}")
        if wanted.input_value() == day.isoformat():
            return
        while wanted.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Tab")
    raise AssertionError(f"The field for a day does not take {day}.")


def skip_to_content(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.matches('main')")


@pytest.mark.django_db  # or no database is made when these tests run alone
def test_a_measure_is_found_by_keyboard(open_as):
    page = open_as()
    page.goto("/")
    navigation = page.get_by_role("navigation", name="Hauptnavigation")
    press(page, navigation.get_by_role("link", name="Maßnahmen"))
    page.wait_for_url("**/massnahmen/")
    skip_to_content(page)
    type_into(page, page.locator("main input[type=search]").first, "Gahmen")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=Gahmen**")
    press(page, page.locator("main").get_by_role("link", name="Soziale Stadt Gahmen").first)
    page.wait_for_url("**/massnahmen/M-2008-003-*/")
    assert page.locator("h1").inner_text() == "Soziale Stadt Gahmen"


def test_somebody_asks_by_keyboard_to_join_a_group(open_as):
    person = User.objects.get(email=CITIZEN).person
    group = Body.objects.joinable().exclude(memberships__person=person).first()
    page = open_as("citizen")
    page.goto(group.get_absolute_url())
    skip_to_content(page)
    press(page, page.get_by_role("link", name="Hier mitmachen"))
    page.wait_for_url("**/mitmachen/")
    type_into(page, page.get_by_label(re.compile("Was möchten Sie uns sagen")), "Ich kenne jeden Weg dort.")
    press(page, page.get_by_role("button", name="Antrag absenden"))
    page.wait_for_url("**/konto/**")
    assert Membership.objects.requested().get(body=group, person=person).message == "Ich kenne jeden Weg dort."


def invited_meeting(user: User) -> Meeting:
    """A meeting to come of a body in which the account takes part, with its invitations out."""
    bodies = Membership.objects.active().filter(person__user=user).values("body")
    meeting = Meeting.objects.filter(body__in=bodies, state="planned", starts_at__gt=timezone.now()).first()
    assert meeting is not None
    jobs.run(meeting_invitations.send(meeting, by=User.objects.get(email=PLANNER), at=timezone.now()).pk)
    return meeting


def test_an_invitation_is_answered_by_keyboard(open_as):
    user = User.objects.get(email=CHAIR)
    meeting = invited_meeting(user)
    page = open_as("chair")
    page.goto("/konto/")
    skip_to_content(page)
    day = formats.date_format(timezone.localtime(meeting.starts_at), "j. F")
    press(page, page.get_by_role("link", name=re.compile(rf"(beantworten|ändern).*, {day}\)")))
    page.get_by_role("heading", level=1, name=str(meeting)).wait_for()
    choose(page, page.get_by_role("radio"), "Nein, ich bin verhindert")
    type_into(page, page.get_by_label("Nachricht"), "Ich bin verreist.")
    press(page, page.get_by_role("button", name="Antwort abschicken"))
    page.get_by_text("Ihre Antwort ist gespeichert").wait_for()
    answered = Attendance.objects.get(meeting=meeting, person=user.person)
    assert (answered.answer, answered.excuse) == ("no", "Ich bin verreist.")


def test_a_lead_updates_a_measure_by_keyboard(open_as):
    page = open_as("lead_contact")
    page.goto("/arbeitsbereich/massnahmen/")
    skip_to_content(page)
    measure = Measure.objects.filter(contacts__user__email="fachamt@example.org", state="in_progress").latest("number")
    press(page, page.locator(f'main a[href="{reverse("workspace_progress", args=[measure.number])}"]').first)
    page.wait_for_url(f"**/{measure.number}/")
    type_into(page, page.get_by_label(re.compile("Fortschritt")), "77")
    type_into(page, page.get_by_label(re.compile("Was ist geschehen")), "Der zweite Abschnitt ist fertig.")
    type_into(page, page.get_by_label(re.compile("Wie geht es weiter")), "Im Herbst wird gepflanzt.")
    press(page, page.get_by_role("button", name="Veröffentlichen"))
    page.wait_for_url(f"**{measure.get_absolute_url()}")
    measure.refresh_from_db()
    assert measure.progress == 77
    assert measure.updates.latest("pk").text == "Der zweite Abschnitt ist fertig."


def test_a_chair_agrees_to_the_draft_of_the_report_by_keyboard(open_as):
    report = CouncilReport.objects.filter(state="consultation").first()
    body = Body.objects.filter(pk__in=led_body_ids(User.objects.get(email=CHAIR))).first()
    page = open_as("chair")
    page.goto(reverse("report_statement", args=[report.year, body.slug]))
    skip_to_content(page)
    choose(page, page.get_by_role("radio"), "stimmt zu")
    type_into(page, page.get_by_label("Text"), "Wir stimmen zu und danken allen.")
    press(page, page.locator("main form").get_by_role("button"))
    page.wait_for_url("**/konto/**")
    said = GroupStatement.objects.get(report=report, body=body)
    assert said.position == "agrees"
    assert said.text == "Wir stimmen zu und danken allen."


def test_minutes_are_written_and_given_to_review_by_keyboard(open_as):
    minutes, item, _secret = begin()
    page = open_as("planner")
    page.goto("/arbeitsbereich/niederschriften/")
    skip_to_content(page)
    address = reverse("workspace_minutes_write", args=[minutes.pk])
    press(page, page.locator(f'main a[href="{address}"]').first)
    page.wait_for_url(f"**{address}")
    tab_to(page, field(page, item))
    page.keyboard.type("Alle sprechen sich dafür aus. ")
    saved(page, item)
    press(page, page.get_by_role("link", name=f"Beschluss zu TOP {item.position}"))
    type_into(page, page.get_by_label(re.compile("Wortlaut")), "Die Bank am Kanal wird erneuert.")
    type_into(page, page.get_by_label("Ja-Stimmen"), "1")
    press(page, page.get_by_role("button", name="Festhalten"))
    page.get_by_text("Die Bank am Kanal wird erneuert.").wait_for()
    press(page, page.get_by_role("link", name="Zur Durchsicht geben"))
    press(page, page.get_by_role("button", name="Zur Durchsicht geben"))
    page.get_by_text("in Durchsicht").first.wait_for()
    minutes.refresh_from_db()
    assert minutes.state == "in_review"
    assert "Alle sprechen sich dafür aus." in minutes.entries.get(agenda_item=item).text


@pytest.fixture
def steering_lead(portal: object) -> Iterator[str]:
    """The role of somebody who leads the steering group for the time of a test."""
    person = User.objects.get(email=ACCOUNTS["lead_contact"]).person
    row = MembershipFactory(body=Body.objects.filter(kind="steering_group")[0], person=person, role="deputy")
    yield "lead_contact"
    row.delete()


def test_a_report_goes_its_way_from_opening_to_noted_by_keyboard(open_as, steering_lead):
    """The worker's parts are done here in the test, while the page waits for them."""
    year, today = 2012, timezone.localdate()
    planner, approver = open_as("planner"), open_as(steering_lead)

    def take(page: Page, step: str, *days: str, day: dt.date = today) -> None:
        press(page, page.locator("main").get_by_role("link", name=step))
        page.get_by_role("heading", level=1, name=step).wait_for()
        for label in days:
            type_day(page, page.get_by_label(label), day)
        if step == "Dem Rat vorlegen":
            type_into(page, page.get_by_label("Nummer der Vorlage"), "VL-9/2012")
        press(page, page.locator("main").get_by_role("button", name=step))

    def worked_on() -> None:
        planner.wait_for_url("**/auftraege/**")
        jobs.run(JobRun.objects.latest("pk").pk)
        press(planner, planner.get_by_role("link", name="Ergebnis ansehen"))

    planner.goto("/arbeitsbereich/berichte/")
    skip_to_content(planner)
    type_into(planner, planner.get_by_label("Berichtsjahr"), str(year))
    press(planner, planner.get_by_role("button", name="Bericht eröffnen"))
    worked_on()
    planner.goto(reverse("workspace_report", args=[year]))
    take(planner, "Sachstände erbitten", "Sachstände erbeten bis")
    planner.get_by_text("Die Ansprechpersonen sind um ihre Sachstände gebeten.").wait_for()
    press(planner, planner.get_by_role("link", name=re.compile("Bearbeiten.*Vorwort")))
    type_into(planner, planner.get_by_label("Text"), "Ein Jahr der Wege.")
    press(planner, planner.locator("main form").get_by_role("button", name="Speichern"))
    planner.get_by_text("Der Text ist gespeichert.").wait_for()
    take(planner, "Den Arbeitsgruppen vorlegen", "Stellungnahmen bis")
    planner.get_by_text("Der Entwurf liegt den Arbeitsgruppen vor.").wait_for()
    # Weeks pass in silence.
    CouncilReport.objects.filter(year=year).update(consultation_until=today - dt.timedelta(days=1))
    take(planner, "Feststellen")
    worked_on()
    approver.goto(reverse("workspace_report", args=[year]))
    skip_to_content(approver)
    take(approver, "Freigeben")
    approver.get_by_text("Der Bericht ist freigegeben.").wait_for()
    planner.goto(reverse("workspace_report", args=[year]))
    take(planner, "Dem Rat vorlegen", "Sitzung des Rates")
    planner.get_by_text("Der Bericht liegt dem Rat vor.").wait_for()
    take(planner, "Behandlung im Rat eintragen")
    planner.get_by_text("Die Behandlung im Rat ist eingetragen.").wait_for()

    report = CouncilReport.objects.get(year=year)
    assert (report.state, report.paper_number, report.noted_on) == ("noted", "VL-9/2012", today)
    assert report.editions.get().snapshot["texts"]["foreword"] == "Ein Jahr der Wege."
