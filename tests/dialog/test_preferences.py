"""Which mails somebody wants, digests, and unsubscribing by one click."""

import re

import pytest
from django.test import Client
from post_office.models import Email

from dialog.models import DigestEntry, MailPreference
from dialog.services import digests, mails, memberships, preferences
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
