"""Consents, language, devices; what is kept about somebody, told to themselves; and the end of an account."""

import json

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import translation
from post_office.models import Email

from dialog.models import BodyInvitation, Following, Membership, Merge, Person, User
from dialog.services import body_invitations, followings, mails, memberships, merging, own_data, preferences
from tests.factories import MembershipFactory, PersonFactory, TaskFactory, UserFactory, berlin

AT = berlin(2026, 3, 2, 9)


# ── consents ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_consent_is_given_and_taken_back_with_its_date(client_of, member, working_group):
    browser = client_of(member)
    membership = working_group.memberships.get(person__user=member)
    assert "Nicht zugestimmt." in browser.get("/konto/zustimmungen/").content.decode()
    memberships.set_name_public(membership, True, by=member, at=AT)
    page = browser.get("/konto/zustimmungen/").content.decode()
    assert "Zugestimmt am 2. März 2026." in page
    assert "Mira Mitglied" in Client().get(working_group.get_absolute_url()).content.decode()
    response = browser.post(f"/mitgliedschaften/{membership.pk}/name/")
    assert response["Location"] == "/konto/zustimmungen/"
    assert "Mira Mitglied" not in Client().get(working_group.get_absolute_url()).content.decode()


def test_what_was_agreed_to_in_the_request_bears_its_date(citizen, working_group):
    membership = memberships.request(working_group, by=citizen, at=AT, name_public=True)
    assert membership.name_public_at == AT


# ── language ────────────────────────────────────────────────────────────────────────────────────────────

TWO = [("de", "Deutsch"), ("en", "English")]


def test_with_one_language_there_is_nothing_to_choose(client_of, citizen):
    browser = client_of(citizen)
    assert "Sprache der Seiten" not in browser.get("/konto/").content.decode()
    browser.post("/konto/sprache/", {"language": "en"})
    assert Person.objects.get(user=citizen).language == ""


def test_pages_and_mails_come_in_the_chosen_language(client_of, applicant, planner, working_group, settings):
    settings.LANGUAGES = TWO
    browser = client_of(applicant)
    assert 'lang="de"' in browser.get("/konto/").content.decode()
    browser.post("/konto/sprache/", {"language": "en"})
    assert 'lang="en"' in browser.get("/konto/").content.decode()
    assert 'lang="de"' in Client().get("/").content.decode()
    reader = Person.objects.get(user=applicant)
    with translation.override("de"):
        _subject, text = mails.compose("minutes_task_due", reader, task=TaskFactory(due_on=AT.date()))
    assert "March" in text
    settings.LANGUAGES = TWO[:1]
    assert preferences.language_of(reader) == "de"


def test_an_unknown_language_is_refused(client_of, citizen, settings):
    settings.LANGUAGES = TWO
    client_of(citizen).post("/konto/sprache/", {"language": "tlh"})
    assert Person.objects.get(user=citizen).language == ""


# ── devices ─────────────────────────────────────────────────────────────────────────────────────────────


def signed_in(user: User, browser: str) -> Client:
    client = Client(headers={"user-agent": browser})
    client.post("/konto/anmelden/", {"login": user.email, "password": "Sonnenblume am Fluss 7"})
    return client


def test_other_devices_are_seen_and_signed_out(db):
    user = PersonFactory(user=UserFactory(email="carla@example.org")).user
    user.set_password("Sonnenblume am Fluss 7")
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    here = signed_in(user, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
    there = signed_in(user, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1")
    page = here.get("/konto/geraete/").content.decode()
    assert "Firefox, Windows" in page
    assert "Safari, iPhone" in page
    here.post("/konto/geraete/")
    assert there.get("/konto/").status_code == 302
    assert here.get("/konto/").status_code == 200
    assert UserSession.objects.count() == 1


def test_who_accepts_an_invitation_is_on_a_known_device_too(chair, working_group):
    body_invitations.invite(working_group, email="neu@example.org", by=chair, at=AT)
    # The link stands in the mail alone.
    link = next(word for word in Email.objects.get().message.split() if "/mitgliedschaften/einladung/" in word)
    browser = Client()
    BodyInvitation.objects.update(expires_at=berlin(2090, 1, 1))
    browser.post(link.removeprefix("http://127.0.0.1:8000"), {"accept": "1", "name": "Nele Neu"})
    assert "dieses Gerät" in browser.get("/konto/geraete/").content.decode()


def test_a_device_is_forgotten_when_its_sign_in_is_over(db):
    user = PersonFactory(user=UserFactory(email="carla@example.org")).user
    for ends, key in ((berlin(2026, 3, 1), "old"), (berlin(2026, 4, 1), "new")):
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
        UserSession.objects.create(user=user, session_key=key, ip="192.0.2.1", user_agent="Firefox")
    assert own_data.forget_devices(AT) == 1
    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["new"]


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────────


def test_the_file_tells_everything_about_oneself_and_nothing_about_others(client_of, member, chair, working_group):
    own = working_group.memberships.get(person__user=member)
    Membership.objects.filter(pk=own.pk).update(message="Ich wohne um die Ecke.")
    preferences.choose(member.person, {"group": "weekly"})
    TaskFactory(body=working_group, title="Angebote einholen", assignee=member.person)
    body_invitations.invite(working_group, email="geheim@example.org", by=chair, at=AT, message="Kommen Sie dazu!")

    response = client_of(member).get("/konto/daten/meine-daten.json")
    assert response["Content-Disposition"] == 'attachment; filename="meine-daten.json"'
    assert "no-store" in response["Cache-Control"]
    told = json.loads(response.content)
    assert told["Person"]["Name"] == "Mira Mitglied"
    assert told["Mitgliedschaften"][0]["Nachricht"] == "Ich wohne um die Ecke."
    assert told["Mitgliedschaften"][0]["Rolle"] == "Mitglied"
    assert "Angebote einholen" in response.content.decode()
    assert "wöchentlich" in response.content.decode()
    assert "Lena Leitung" not in response.content.decode()

    written = client_of(chair).get("/konto/daten/meine-daten.json").content.decode()
    assert "Kommen Sie dazu!" in written
    assert "geheim@example.org" not in written
    assert BodyInvitation.objects.get().token_hash not in written
    assert chair.password not in written


def test_the_file_tells_what_one_follows_and_what_came_to_ones_address(client_of, citizen, chair, working_group):
    followings.follow(working_group, by=citizen, at=AT)
    body_invitations.invite(working_group, email=citizen.email, by=chair, at=AT, message="Kommen Sie dazu!")
    followings.follow(working_group, by=chair, at=AT)
    response = client_of(citizen).get("/konto/daten/meine-daten.json")
    told = json.loads(response.content)
    assert [row["Eintrag"] for row in told["verfolgte Einträge"]] == [str(working_group)]
    invitations = told[str(BodyInvitation._meta.verbose_name_plural)]
    assert [row["Nachricht"] for row in invitations] == ["Kommen Sie dazu!"]
    assert BodyInvitation.objects.get().token_hash not in response.content.decode()


@pytest.mark.parametrize("role", ["citizen", "planner", "operator"])
def test_everyone_gets_their_file(client_of, request, role):
    user = request.getfixturevalue(role)
    told = json.loads(client_of(user).get("/konto/daten/meine-daten.json").content)
    assert told["Konto"]["E-Mail-Adresse"] == user.email


# ── the end of an account ───────────────────────────────────────────────────────────────────────────────


def test_an_account_ends_with_all_that_names_its_owner(client_of, member, chair, working_group):
    browser, person = client_of(member), member.person
    task = TaskFactory(body=working_group, assignee=person)
    declined = MembershipFactory(person=person, state="declined", reason="Kein Platz.", starts_on=None)
    followings.follow(working_group, by=member, at=AT)
    assert browser.post("/konto/loeschen/", {"email": "jemand@example.org"}).status_code == 200
    assert User.objects.filter(pk=member.pk).exists()

    assert browser.post("/konto/loeschen/", {"email": "MIRA@example.org"})["Location"] == "/"
    assert not User.objects.filter(pk=member.pk).exists()
    person.refresh_from_db()
    task.refresh_from_db()
    assert (person.name, person.email, person.user) == ("Gelöschtes Konto", "", None)
    assert person.memberships.get().state == "ended"
    assert task.assignee is None
    assert not Membership.objects.filter(pk=declined.pk).exists()
    assert not Following.objects.exists()
    assert browser.get("/konto/").status_code == 302
    assert Email.objects.filter(to="mira@example.org").get().subject == "Ihr Konto ist gelöscht"
    assert "Ausgetreten" in Email.objects.filter(to=chair.email).get().subject


def test_nothing_stays_of_somebody_on_whom_nothing_depends(citizen):
    own_data.close(citizen, at=AT)
    assert not Person.objects.filter(name__contains="Carla").exists()
    assert not Person.objects.filter(name="Gelöschtes Konto").exists()


def test_an_entry_on_paper_that_was_merged_loses_its_name_too(citizen, planner, working_group):
    paper = PersonFactory(name="C. Bürgerin", email="carla@example.org")
    MembershipFactory(body=working_group, person=paper)
    merging.merge(paper, citizen.person, by=planner, at=AT)
    own_data.close(citizen, at=AT)
    assert not Person.objects.filter(name__contains="Bürgerin").exists()
    assert Merge.objects.get().paper.name == "Gelöschtes Konto"


def test_who_holds_a_public_office_stays_named_by_it(chair):
    Person.objects.filter(user=chair).update(office="Bürgermeisterin", office_public=True)
    own_data.close(User.objects.get(pk=chair.pk), at=AT)
    assert Person.objects.get(name="Lena Leitung").user is None


def test_the_only_chair_is_led_to_where_a_successor_is_named(client_of, chair, working_group):
    own = working_group.memberships.get(person__user=chair)
    assert "Sie leiten diese Gremien allein" not in client_of(chair).get("/konto/loeschen/").content.decode()
    MembershipFactory(body=working_group)
    page = client_of(chair).get("/konto/loeschen/").content.decode()
    assert "Sie leiten diese Gremien allein" in page
    assert f'<a href="/mitgliedschaften/{own.pk}/beenden/">Arbeitsgruppe Wohnen und Quartier</a>' in page
    MembershipFactory(body=working_group, chair=True)
    assert "Sie leiten diese Gremien allein" not in client_of(chair).get("/konto/loeschen/").content.decode()


def test_the_operator_cannot_lock_everyone_out(client_of, operator):
    page = client_of(operator).post("/konto/loeschen/", {"email": operator.email}).content.decode()
    assert "nur in den Stammdaten löschen" in page
    assert User.objects.filter(pk=operator.pk).exists()
