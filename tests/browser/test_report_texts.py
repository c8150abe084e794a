"""The texts of the report in a real browser: they save themselves, two write at once, a connection goes."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from measures.models import CouncilReport, ReportText

SAVED = re.compile("Zuletzt gespeichert")


@pytest.fixture
def report(portal) -> CouncilReport:
    """The demo's report that is before the groups, with its texts still unwritten."""
    found = CouncilReport.objects.get(state="consultation")
    found.texts.all().delete()
    return found


@pytest.mark.django_db  # or no database is made when these tests run alone
def test_the_demo_has_a_report_whose_texts_can_be_written(report) -> None:
    assert report.is_draft


def write(page: Page, report: CouncilReport, kind: str) -> None:
    page.goto(reverse("workspace_report_text", args=[report.year, kind]))
    page.get_by_label("Text", exact=True).click()


def state(page: Page, words: str | re.Pattern[str]) -> None:
    page.locator("#text-state").filter(has_text=words).wait_for(timeout=30_000)


@pytest.mark.parametrize("kind", ["foreword", "assessment", "outlook"])
def test_a_text_saves_itself_and_is_there_after_a_reload(open_as, report, kind) -> None:
    page = open_as("planner")
    write(page, report, kind)
    page.keyboard.type("Ein gutes Jahr.")
    state(page, SAVED)
    page.keyboard.type(" Und ein langes.")
    page.locator("#text-state input[name=version][value='2']").wait_for(state="attached", timeout=30_000)

    page.reload()

    assert page.get_by_label("Text", exact=True).input_value() == "Ein gutes Jahr. Und ein langes."
    row = ReportText.objects.get(report=report, kind=kind)
    assert (row.text, row.version) == ("Ein gutes Jahr. Und ein langes.", 2)


def test_two_write_at_once_and_both_texts_are_kept_until_one_decides(open_as, report) -> None:
    one, other = open_as("planner"), open_as("operator")
    write(one, report, "foreword")
    write(other, report, "foreword")
    one.keyboard.type("Vom ersten.")
    state(one, SAVED)

    other.keyboard.type("Vom zweiten.")
    state(other, "während Sie schrieben")
    other.keyboard.type(" Noch ein Satz.")
    other.wait_for_timeout(2500)

    # Typing on overwrites nothing: that takes the button.
    row = ReportText.objects.get(report=report, kind="foreword")
    assert row.text == "Vom ersten."
    assert "Vom ersten." in other.locator("#text-state").inner_text()
    assert other.get_by_label("Text", exact=True).input_value() == "Vom zweiten. Noch ein Satz."
    other.get_by_role("button", name="Speichern").click()
    other.get_by_text("Der Text ist gespeichert.").wait_for()
    row.refresh_from_db()
    assert row.text == "Vom zweiten. Noch ein Satz."
    assert "Vom ersten." in row.history.values_list("text", flat=True)


def test_without_connection_the_text_is_kept_and_saved_when_it_is_back(open_as, report) -> None:
    page = open_as("planner")
    write(page, report, "outlook")
    page.context.set_offline(True)
    page.keyboard.type("Ohne Netz geschrieben.")
    page.get_by_role("alert").filter(has_text="Keine Verbindung").wait_for()
    assert not ReportText.objects.filter(report=report).exists()

    page.context.set_offline(False)
    state(page, SAVED)

    assert ReportText.objects.get(report=report).text == "Ohne Netz geschrieben."
    assert not page.get_by_role("alert").filter(has_text="Keine Verbindung").is_visible()


def test_a_tab_closed_without_connection_loses_nothing(open_as, report) -> None:
    page = open_as("planner")
    write(page, report, "outlook")
    page.context.set_offline(True)
    page.keyboard.type("Vor dem Schließen geschrieben.")
    page.get_by_role("alert").filter(has_text="Keine Verbindung").wait_for()
    context = page.context
    page.close()
    context.set_offline(False)

    again = context.new_page()
    write(again, report, "outlook")
    again.get_by_role("button", name="In das Feld übernehmen").click()
    state(again, SAVED)

    assert ReportText.objects.get(report=report).text == "Vor dem Schließen geschrieben."


def test_without_javascript_the_button_saves_and_warns(open_as, report) -> None:
    one, other = (open_as("planner", script=False) for _ in range(2))
    for page in (one, other):
        write(page, report, "foreword")
    one.get_by_label("Text", exact=True).fill("Vom ersten.")
    one.get_by_role("button", name="Speichern").click()
    other.get_by_label("Text", exact=True).fill("Vom zweiten.")
    other.get_by_role("button", name="Speichern").click()

    assert "während Sie schrieben" in other.locator("#text-state").inner_text()
    assert other.get_by_label("Text", exact=True).input_value() == "Vom zweiten."
    assert ReportText.objects.get(report=report).text == "Vom ersten."
