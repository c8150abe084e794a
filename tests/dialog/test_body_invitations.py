"""Inviting into a body by mail address, and answering by the link."""

import datetime as dt
import re

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from post_office.models import Email

from dialog.models import BodyInvitation, Membership, Person, User
from dialog.services import body_invitations, merging
from tests.factories import BodyFactory, MembershipFactory, PersonFactory, UserFactory, berlin

AT = berlin(2026, 3, 2)


@pytest.fixture
def link(chair, working_group, client_of):
    """The link in the mail that somebody without an account gets."""
    client_of(chair).post("/arbeitsbereich/mitglieder/wohnen-und-quartier/einladen/", {"email": "Neu@Example.org"})
    return link_to("neu@example.org")


def link_to(address: str) -> str:
    found = re.search(
        r"http\S+(/mitgliedschaften/einladung/\S+)", Email.objects.filter(to=address).latest("pk").message
    )
    assert found
    return found.group(1)


def test_the_link_alone_changes_nothing_and_the_token_is_not_stored(link):
    assert Client().get(link).status_code == 200
    invitation = BodyInvitation.objects.get()
    assert (invitation.state, Membership.objects.filter(person__user__email="neu@example.org").count()) == ("open", 0)
    assert invitation.token_hash not in link
    assert link.rstrip("/").rpartition("/")[2] not in str(BodyInvitation.objects.values())


def test_accepting_makes_an_account_and_a_member(link, working_group):
    browser = Client()
    response = browser.post(link, {"accept": "1", "name": "Nina Neu", "name_public": "on"}, follow=True)
    membership = working_group.memberships.get(person__name="Nina Neu")
    assert (membership.state, membership.role, membership.name_public) == ("active", "member", True)
    assert membership.person.user.emailaddress_set.get().verified
    assert "Willkommen! Sie gehören jetzt dazu" in response.content.decode()
    assert BodyInvitation.objects.get().membership == membership


def test_without_a_name_nothing_happens(link):
    assert Client().post(link, {"accept": "1", "name": ""}).status_code == 200
    assert not User.objects.filter(email="neu@example.org").exists()


def test_a_second_use_says_that_it_was_used(link):
    Client().post(link, {"accept": "1", "name": "Nina Neu"})
    again = Client().post(link, {"accept": "1", "name": "Otto Zweit"})
    assert "schon angenommen" in again.content.decode()
    assert not Person.objects.filter(name="Otto Zweit").exists()


def test_after_its_time_the_link_says_so(link):
    BodyInvitation.objects.update(expires_at=AT - dt.timedelta(days=400))
    page = Client().post(link, {"accept": "1", "name": "Nina Neu"})
    assert "Diese Einladung galt bis zum" in page.content.decode()
    assert BodyInvitation.objects.get().state == "expired"


def test_somebody_elses_account_is_told_and_cannot_use_it(link, client_of, citizen, working_group):
    page = client_of(citizen).post(link, {"accept": "1"})
    assert page.status_code == 403
    assert "ging an eine andere Adresse als carla@example.org" in page.content.decode()
    assert not working_group.memberships.filter(person=citizen.person).exists()
    with pytest.raises(PermissionDenied):
        body_invitations.accept(BodyInvitation.objects.get(), by=citizen, at=AT)


def test_who_has_an_account_signs_in_first(chair, working_group, client_of, citizen):
    body_invitations.invite(working_group, email="carla@example.org", by=chair, at=AT)
    BodyInvitation.objects.update(expires_at=berlin(2090, 1, 1))
    link = link_to("carla@example.org")
    assert "Bitte melden Sie sich an" in Client().post(link, {"accept": "1", "name": "Wer anders"}).content.decode()
    assert not working_group.memberships.filter(person=citizen.person).exists()
    client_of(citizen).post(link, {"accept": "1"})
    assert working_group.memberships.get(person=citizen.person).state == "active"


def test_an_unknown_link_is_a_clear_page(db):
    response = Client().get("/mitgliedschaften/einladung/gibt-es-nicht/")
    assert response.status_code == 404
    assert "Diese Einladung gibt es nicht" in response.content.decode()


def test_declining_and_revoking(link, client_of, chair):
    Client().post(link, {"decline": "1"})
    assert BodyInvitation.objects.get().state == "declined"
    client_of(chair).post("/arbeitsbereich/mitglieder/wohnen-und-quartier/einladen/", {"email": "neu@example.org"})
    newest = BodyInvitation.objects.first()
    client_of(chair).post(f"/arbeitsbereich/mitgliedseinladungen/{newest.pk}/zuruecknehmen/")
    assert "zurückgenommen" in Client().get(link_to("neu@example.org")).content.decode()


def test_one_open_invitation_an_address(link, chair, working_group):
    with pytest.raises(ValidationError, match="schon eine Einladung unterwegs"):
        body_invitations.invite(working_group, email="NEU@example.org", by=chair, at=AT)


def test_a_member_is_not_invited_again(chair, member, working_group):
    with pytest.raises(ValidationError, match="gehört dem Gremium schon an"):
        body_invitations.invite(working_group, email=member.email, by=chair, at=AT)


def test_a_member_on_paper_signs_up_instead_and_is_merged(chair, planner, working_group):
    paper = PersonFactory(name="Rita Papier", email="Rita@example.org")
    MembershipFactory(body=working_group, person=paper)
    with pytest.raises(ValidationError, match="selbst ein Konto anzulegen"):
        body_invitations.invite(working_group, email="rita@example.org", by=chair, at=AT)
    account = PersonFactory(user=UserFactory(email="rita@example.org"))
    EmailAddress.objects.create(user=account.user, email="rita@example.org", verified=True, primary=True)
    assert merging.offers() == [(paper, account)]
    merging.merge(paper, account, by=planner, at=AT)
    assert working_group.memberships.active().get(person=account)
    body_invitations.invite(BodyFactory(), email="rita@example.org", by=planner, at=AT)


def test_a_chair_invites_members_of_their_body_only(chair, working_group):
    with pytest.raises(PermissionDenied):
        body_invitations.invite(BodyFactory(), email="a@example.org", by=chair, at=AT)
    with pytest.raises(PermissionDenied):
        body_invitations.invite(working_group, email="a@example.org", by=chair, at=AT, role="chair")


def test_an_invitation_settles_an_open_request(chair, applicant, working_group, client_of):
    body_invitations.invite(working_group, email=applicant.email, by=chair, at=AT)
    body_invitations.accept(BodyInvitation.objects.get(), by=applicant, at=AT)
    states = working_group.memberships.filter(person=applicant.person).values_list("state", flat=True)
    assert sorted(states) == ["active", "withdrawn"]


def test_overdue_invitations_are_closed(db):
    user = PersonFactory(user=UserFactory()).user
    body = MembershipFactory(person=user.person, chair=True).body
    body_invitations.invite(body, email="a@example.org", by=user, at=AT)
    assert body_invitations.expire(AT + body_invitations.VALID) == 1
    assert BodyInvitation.objects.get().state == "expired"
