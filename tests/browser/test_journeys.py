"""Whole stories as people live them, in a browser and by keyboard where it matters."""

import re

from post_office.models import Email

from dialog.models import JobRun, Membership
from dialog.services import jobs
from measures.models import CouncilReport


def test_a_measure_is_found_by_three_filters_on_a_phone_without_script(open_as):
    page = open_as(width=360, script=False)
    page.goto("/massnahmen/")
    while (closed := page.locator("main details:not([open]) > summary:visible")).count():
        closed.first.click()
    page.get_by_label(re.compile("Stadtentwicklung und Wohnen")).check()
    page.get_by_label(re.compile("Infrastruktur")).first.check()
    page.get_by_label(re.compile("Projekt")).first.check()
    page.get_by_role("button", name=re.compile("Anzeigen|anzeigen")).click()
    page.get_by_role("link", name="Soziale Stadt Gahmen").click()
    assert page.locator("h1").inner_text() == "Soziale Stadt Gahmen"
    assert "4. September 2008" in page.locator("main").inner_text()


def test_signing_up_and_asking_to_join_by_keyboard(open_as):
    page = open_as()
    page.goto("/arbeitsgruppen/")
    page.locator("main").get_by_role("link", name=re.compile("[Mm]itmachen")).last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/konto/anmelden/**")
    page.get_by_role("link", name=re.compile("[Rr]egistrieren|Konto anlegen")).first.click()
    page.get_by_label(re.compile("Ihr Name")).fill("Zofia Kowalczyk")
    page.get_by_label(re.compile("E-Mail")).fill("zofia@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/registrieren/bestaetigen/**")
    mail = Email.objects.filter(to="zofia@example.org").latest("id")
    code = re.search(r"^\s*([A-Z0-9]{3,}-?[A-Z0-9]{3,})\s*$", mail.message, re.MULTILINE)
    assert code, mail.message
    page.get_by_label(re.compile("Code")).fill(code.group(1))
    page.keyboard.press("Enter")
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
    assert page.get_by_role("alert").or_(page.locator(".error-summary")).first.is_visible()
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
    assert page.get_by_role("progressbar").is_visible()
    job = JobRun.objects.latest("pk")
    jobs.run(job.pk)
    page.get_by_text("Fertig.").wait_for()
    assert page.url.endswith(job.get_absolute_url())
    assert CouncilReport.objects.get(year=2010).document == JobRun.objects.get(pk=job.pk).document
