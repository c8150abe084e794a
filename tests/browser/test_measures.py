"""What is done, as a reader finds it and as its lead reports on it."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from luener_dialog.demo.example import PASSWORD
from measures.models import Measure, ProgressDraft
from measures.services import reminders
from tests.browser.test_journeys import in_the_newest_mail


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_a_measure_is_found_by_three_filters_on_a_phone(open_as, script):
    page = open_as(width=360, script=script)
    page.goto("/massnahmen/")
    while (closed := page.locator("main details:not([open]) > summary:visible")).count():
        closed.first.click()
    page.get_by_label(re.compile("Stadtentwicklung und Wohnen")).check()
    page.get_by_label(re.compile("Infrastruktur")).first.check()
    page.get_by_label(re.compile("Projekt")).first.check()
    page.get_by_role("button", name=re.compile("Anzeigen|anzeigen")).click()
    page.wait_for_url("**/massnahmen/?*")
    chosen = Measure.objects.filter(field__slug="stadtentwicklung-und-wohnen", kind=Measure.Kind.PROJECT)
    found = chosen.visible_to(AnonymousUser()).filter(strands__code="infrastructure").count()
    assert 1 < found < Measure.objects.count()
    assert page.locator("h2.results").inner_text() == f"{found} Ergebnisse"
    page.get_by_role("link", name="Soziale Stadt Gahmen").click()
    assert page.locator("h1").inner_text() == "Soziale Stadt Gahmen"
    assert "4. September 2008" in page.locator("main").inner_text()


@pytest.mark.django_db  # or no database is made when these tests run alone
def test_the_chain_of_a_measure_is_one_story_on_its_page(open_as):
    """Soziale Stadt Gahmen: a group of each dialogue recommended it before the council decided, as the record says."""
    page = open_as(script=False)
    page.goto(Measure.objects.get(number="M-2008-003").get_absolute_url())
    told = page.locator("ol.story > li").all_inner_texts()
    for chapter, words in zip(
        told,
        [
            ("Worum es geht", "Stadtentwicklung und Wohnen", "Zusammen planen"),
            ("2008", "Empfehlung", "Zukunftsdialog"),
            ("2008", "Empfehlung", "KOMM-IN 2007"),
            ("4. September 2008", "Ratsbeschluss", "Soziale Stadt Gahmen"),
            ("30. Oktober 2008", "Ratsbeschluss", "Punkt 2"),
            ("Bericht an den Rat", "2009"),
            ("Sachstand", "20 %"),
        ],
        strict=False,
    ):
        assert [word for word in words if word not in chapter] == []
    assert [("jetzt" in chapter, "65 %" in chapter) for chapter in told].count((True, True)) == 1


def test_a_lead_gets_from_the_reminder_to_news_that_everyone_reads(open_as):
    """The mail's link, signing in on the way, a draft that is saved while typing, a milestone, publication."""
    measure = Measure.objects.get(number="M-2008-001")
    reminders.send(timezone.now())
    address = in_the_newest_mail("fachamt@example.org", rf"https?://[^/\s]+(/\S*{measure.number}/\S*)")
    lead = open_as(width=390)
    lead.goto(address)
    lead.get_by_label(re.compile("E-Mail")).fill("fachamt@example.org")
    lead.get_by_text("Mit Passwort anmelden").click()
    lead.get_by_label("Passwort", exact=True).fill(PASSWORD)
    lead.get_by_role("button", name="Weiter").click()
    lead.wait_for_url(f"**{address}")
    assert "fällig seit" in lead.locator("main").inner_text()

    lead.get_by_label(re.compile("Was ist geschehen")).press_sequentially("Der Förderbescheid ist da.")
    lead.get_by_text(re.compile("Entwurf gespeichert am")).wait_for()
    assert ProgressDraft.objects.get(measure=measure).values["text"] == "Der Förderbescheid ist da."
    lead.reload()
    assert lead.get_by_label(re.compile("Was ist geschehen")).input_value() == "Der Förderbescheid ist da."

    lead.get_by_label(re.compile("Wie geht es weiter")).fill("Gebaut wird ab dem Sommer.")
    lead.get_by_label(re.compile("Fortschritt")).fill("45")
    lead.get_by_label(re.compile("Förderbescheid des Landes")).check()
    lead.get_by_role("button", name="Veröffentlichen").click()
    lead.wait_for_url(f"**{measure.get_absolute_url()}")

    reader = open_as()
    reader.goto(measure.get_absolute_url())
    read = reader.locator("main").inner_text()
    assert "Der Förderbescheid ist da." in read
    assert "Gebaut wird ab dem Sommer." in read
    measure.refresh_from_db()
    assert (measure.progress, measure.last_news_on) == (45, timezone.localdate())
    assert measure.milestones.get(name="Förderbescheid des Landes").done_on == timezone.localdate()
    assert not ProgressDraft.objects.filter(measure=measure).exists()
