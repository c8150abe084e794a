"""Which mails somebody wants, digests, and unsubscribing by one click."""

import ast
import re

import pytest
from django.conf import settings
from django.test import Client
from post_office.models import Email

from dialog.models import DigestEntry, MailPreference
from dialog.services import assignments, digests, mails, memberships, preferences
from tests.factories import GroupMailFactory, berlin

MONDAY, TUESDAY = berlin(2090, 1, 2, 6), berlin(2090, 1, 3, 6)


def send(person, category="group"):
    mail = GroupMailFactory(subject="Treffen", text="Bitte kommen.")
    mails.send("group_mail", [person], category=category, mail=mail, writer=None)


def test_without_a_wish_mail_comes_at_once_and_can_be_unsubscribed(citizen):
    send(citizen.person)
    headers = Email.objects.get().headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://.*/abbestellen/.+/>", headers["List-Unsubscribe"])


def test_one_click_ends_one_kind_without_signing_in(citizen):
    address = preferences.unsubscribe_address(citizen.person, "group").removeprefix("http://127.0.0.1:8000")
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(address).status_code == 200
    assert preferences.of(citizen.person)["group"] == "at_once"
    assert browser.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert preferences.of(citizen.person)["group"] == "none"
    send(citizen.person)
    send(citizen.person, "news")
    assert Email.objects.count() == 1


def test_one_click_in_a_digest_ends_all_that_it_holds_and_nothing_else(citizen):
    preferences.choose(citizen.person, {"group": "daily", "news": "daily", "tasks": "daily"})
    for category in ("group", "news"):
        send(citizen.person, category)
    digests.send(TUESDAY)
    header = Email.objects.get().headers["List-Unsubscribe"]
    browser = Client(enforce_csrf_checks=True)
    address = header.strip("<>").removeprefix("http://127.0.0.1:8000")

    page = browser.get(address).content.decode()
    assert "Nachrichten an die Mitglieder meiner Gremien" in page
    assert "Neues zu dem, was ich verfolge" in page
    assert preferences.of(citizen.person)["news"] == "daily"

    assert browser.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200

    assert preferences.of(citizen.person) == {
        "group": "none",
        "papers": "at_once",
        "tasks": "daily",
        "requests": "at_once",
        "news": "none",
    }
    send(citizen.person)
    assert digests.send(TUESDAY) == 0


@pytest.mark.parametrize("token", ["x", "WzEsImdyb3VwIl0:1abc:falsch"])
def test_a_forged_token_does_nothing(db, token):
    assert Client().post(f"/abbestellen/{token}/").status_code == 404
    assert not MailPreference.objects.exists()


def test_what_is_needed_always_comes(applicant, chair, working_group):
    preferences.choose(applicant.person, dict.fromkeys(MailPreference.Category.values, "none"))
    memberships.accept(working_group.memberships.get(person=applicant.person), by=chair, at=MONDAY)
    mail = Email.objects.get()
    assert mail.subject.startswith("Willkommen")
    assert not mail.headers


def test_a_digest_is_grouped_newest_first_and_sent_once(citizen):
    preferences.choose(citizen.person, {"group": "daily", "news": "daily"})
    for category, subject, hour in (("news", "Alt", 1), ("group", "Gruppe", 2), ("news", "Neu", 3)):
        DigestEntry.objects.create(
            person=citizen.person, category=category, subject=subject, text="…", at=berlin(2090, 1, 1, hour)
        )
    assert digests.send(TUESDAY) == 1
    text = Email.objects.get().message
    assert [text.index(word) for word in (": Gruppe", ": Neu", ": Alt")] == sorted(
        text.index(word) for word in (": Gruppe", ": Neu", ": Alt")
    )
    assert digests.send(TUESDAY) == 0
    assert Email.objects.count() == 1


def test_a_weekly_digest_waits_for_monday(citizen):
    preferences.choose(citizen.person, {"group": "weekly"})
    send(citizen.person)
    assert not Email.objects.exists()
    assert (digests.send(TUESDAY), digests.send(MONDAY)) == (0, 1)


def test_an_empty_digest_is_not_sent(citizen):
    preferences.choose(citizen.person, {"group": "daily"})
    assert digests.send(MONDAY) == 0
    assert not Email.objects.exists()


def test_the_page_keeps_the_wishes(client_of, citizen):
    wishes = dict.fromkeys(MailPreference.Category.values, "weekly")
    browser = client_of(citizen)
    browser.post("/konto/nachrichten/", wishes)
    assert preferences.of(citizen.person) == wishes
    browser.post("/konto/nachrichten/", {**wishes, "group": "stündlich"})
    assert preferences.of(citizen.person) == wishes
    browser.post("/konto/nachrichten/", {"news": "daily"})
    assert preferences.of(citizen.person) == {**wishes, "news": "daily"}


#: What nobody can do without: it comes whatever one wishes. Every other mail must have a category.
ALWAYS = {
    "account_closed",
    "barrier_answered",
    "barrier_reported",
    "body_invitation",
    "group_mail",  # as a test to its writer; to the members it has a category
    "membership_accepted",
    "membership_declined",
    "membership_ended",
    "membership_requested",
    "minutes_review",  # what one attended can be corrected until a day
    "progress_due",  # to an institution's own address, which no account looks after
    "question_answered",  # to whoever asked, account or not
    "question_confirm",
    "signature_declined",
    "signature_published",
    "signature_requested",
}


def _calls() -> list[tuple[str, str]]:
    """Each mail that the code sends by name, with its category as it stands there."""
    found = []
    for folder in ("dialog", "conferences", "measures", "luener_dialog"):
        for path in (settings.BASE_DIR / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "mails.send":
                    name = ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else ""
                    given = [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "category"]
                    found.append((name, *(given or ["nothing"])))
    return found


def test_each_mail_has_a_category_or_is_needed():
    calls = _calls()
    assert len(calls) > 15
    assert "nothing" not in {category for _name, category in calls}
    assert {name for name, category in calls if name and category == "mails.ALWAYS"} <= ALWAYS


def test_a_task_is_told_of_as_often_as_one_wants(citizen, working_group):
    preferences.choose(citizen.person, {"tasks": "none"})
    assignments.give(working_group, title="Angebote einholen", by=None, at=MONDAY, assignee=citizen.person)
    assert not Email.objects.exists()
    preferences.choose(citizen.person, {"tasks": "at_once"})
    assignments.give(working_group, title="Termin suchen", by=None, at=MONDAY, assignee=citizen.person)
    assert "List-Unsubscribe" in Email.objects.get().headers
