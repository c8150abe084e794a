"""Whole stories as people live them, in a browser and by keyboard where it matters."""

import re

from django.utils import timezone
from playwright.sync_api import Page
from post_office.models import Email

from dialog.models import Attendance, Body, JobRun, Meeting, Membership
from dialog.services import jobs
from measures.models import CouncilReport

#: The code that stands alone on a line.
CODE = r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$"


def in_the_newest_mail(address: str, pattern: str) -> str:
    """What `pattern` finds in the newest mail to `address`."""
    mail = Email.objects.filter(to=address).latest("id")
    found = re.search(pattern, mail.message, re.MULTILINE)
    assert found, mail.message
    return found.group(1)


def sign_up(page: Page, name: str, address: str) -> None:
    """From the page for signing in to an account, by keyboard and the code in the mail."""
    page.get_by_role("link", name=re.compile("[Rr]egistrieren")).first.click()
    page.get_by_label(re.compile("Ihr Name")).fill(name)
    page.get_by_label(re.compile("E-Mail")).fill(address)
    page.keyboard.press("Enter")
    page.wait_for_url("**/registrieren/bestaetigen/**")
    page.get_by_label(re.compile("Code")).fill(in_the_newest_mail(address, CODE))
    page.keyboard.press("Enter")


def test_a_citizen_joins_a_group_takes_part_and_leaves(open_as):
    """Sign-up, request, decline with a reason, new request, acceptance, invitation to the next meeting, leaving."""
    citizen, chair, planner = open_as(width=390), open_as("chair"), open_as("planner")
    group = Body.objects.get(slug="stadtentwicklung-und-wohnen")
    meeting = Meeting.objects.filter(body=group, state="planned", starts_at__gt=timezone.now()).earliest("starts_at")

    # Signs up on the way to the form.
    citizen.goto(group.get_absolute_url())
    citizen.get_by_role("link", name="Hier mitmachen").click()
    sign_up(citizen, "Wanda Wegener", "wanda@example.org")
    citizen.wait_for_url("**/mitmachen/**")
    citizen.get_by_label(re.compile("Was möchten Sie uns sagen")).fill("Ich wohne an der Lippe.")
    citizen.get_by_role("button", name="Antrag absenden").click()
    citizen.wait_for_url("**/konto/")

    # The chair declines, and the citizen reads why.
    chair.goto("/arbeitsbereich/antraege/")
    chair.get_by_role("link", name=re.compile("Wanda Wegener")).click()
    assert "Ich wohne an der Lippe." in chair.locator("main").inner_text()
    chair.get_by_label(re.compile("Begründung")).fill("Bitte erst nach der nächsten Sitzung.")
    chair.get_by_role("button", name="Antrag ablehnen").click()
    chair.wait_for_url("**/antraege/")
    citizen.goto("/konto/")
    citizen.get_by_text("Früheres").click()
    assert "Bitte erst nach der nächsten Sitzung." in citizen.locator("main").inner_text()

    # She asks again; the planning group accepts and invites.
    citizen.goto(f"{group.get_absolute_url()}mitmachen/")
    citizen.get_by_role("button", name="Antrag absenden").click()
    citizen.wait_for_url("**/konto/")
    planner.goto("/arbeitsbereich/antraege/")
    planner.get_by_role("link", name=re.compile("Wanda Wegener")).click()
    planner.get_by_role("button", name="Antrag annehmen").click()
    planner.wait_for_url("**/antraege/")
    planner.goto(f"/arbeitsbereich/sitzungen/{meeting.pk}/einladung/")
    planner.get_by_role("button", name=re.compile("verschicken")).click()
    planner.wait_for_url("**/auftraege/**")
    jobs.run(JobRun.objects.latest("pk").pk)

    # The invitation waits on her page; she answers it there.
    citizen.goto("/konto/")
    citizen.get_by_role("link", name=re.compile("Einladung beantworten")).first.click()
    citizen.get_by_label("Ja, ich nehme teil").check()
    citizen.get_by_role("button", name="Antwort abschicken").click()
    citizen.wait_for_load_state()
    assert Attendance.objects.get(meeting=meeting, person__name="Wanda Wegener").answer == "yes"
    assert in_the_newest_mail("wanda@example.org", r"http\S+(/sitzungen/antwort/[^\s?]+)")

    # She leaves, after being asked once.
    citizen.goto("/konto/")
    citizen.get_by_role("link", name=re.compile("Mitarbeit beenden")).click()
    citizen.locator("main").get_by_role("button").click()
    citizen.wait_for_url("**/konto/")
    assert "Ihre Mitgliedschaft ist beendet." in citizen.locator("main").inner_text()
    assert Membership.objects.filter(person__name="Wanda Wegener", state="ended").count() == 1


def test_signing_up_and_asking_to_join_by_keyboard(open_as):
    page = open_as()
    page.goto("/arbeitsgruppen/")
    page.locator("main").get_by_role("link", name=re.compile("[Mm]itmachen")).last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/konto/anmelden/**")
    sign_up(page, "Zofia Kowalczyk", "zofia@example.org")
    page.wait_for_url("**/mitmachen/**")
    page.get_by_label(re.compile("Was möchten Sie uns sagen")).fill("Ich lese gern mit Kindern.")
    page.get_by_role("button", name="Antrag absenden").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/konto/")
    assert "Antrag ist angekommen" in page.locator("main").inner_text()
    assert Membership.objects.requested().filter(person__name="Zofia Kowalczyk").count() == 1


def test_the_planning_group_declines_and_nothing_typed_is_lost(open_as):
    request = Membership.objects.requested().first()
    page = open_as("planner")
    page.goto("/arbeitsbereich/")
    page.get_by_role("link", name=re.compile("Entscheiden")).first.click()
    page.get_by_role("button", name="Antrag ablehnen").click()
    page.get_by_role("alert").or_(page.locator(".error-summary")).first.wait_for()
    page.get_by_label(re.compile("Begründung")).fill("Zurzeit ist kein Platz frei.")
    page.get_by_role("button", name="Antrag ablehnen").click()
    page.wait_for_url("**/antraege/")
    assert Membership.objects.filter(state="declined", reason="Zurzeit ist kein Platz frei.").count() == 1
    assert request is not None


def test_the_report_is_made_while_one_watches(open_as, portal):
    """The worker's part is done here in the test, between two looks of the page."""
    page = open_as("planner")
    page.goto("/arbeitsbereich/berichte/")
    page.get_by_label(re.compile("[Jj]ahr")).fill("2010")
    page.get_by_role("button", name="Bericht eröffnen").click()
    page.wait_for_url("**/auftraege/**")
    page.get_by_role("progressbar").wait_for()
    job = JobRun.objects.latest("pk")
    jobs.run(job.pk)
    page.get_by_text("Fertig.").wait_for()
    assert page.url.endswith(job.get_absolute_url())
    assert CouncilReport.objects.get(year=2010).document == JobRun.objects.get(pk=job.pk).document


def test_the_planning_group_enters_an_institution_with_its_website(open_as):
    """The field for machines bears the same name, and only that one is out of sight."""
    stranger, planner = open_as(), open_as("planner")
    stranger.goto("/barriere-melden/")
    assert not stranger.locator("[name=website]").is_visible()

    planner.goto("/arbeitsbereich/institutionen/")
    planner.get_by_role("link", name="Institution eintragen").click()
    planner.locator("[name=name]").fill("Förderverein Musikschule")
    planner.locator("[name=kind]").select_option("association")
    planner.get_by_label("Internetseite").fill("musikschule.example.org")
    planner.get_by_role("button", name="Eintragen").click()
    planner.wait_for_url("**/institutionen/forderverein-musikschule/")
    planner.get_by_role("link", name="https://musikschule.example.org").wait_for()
