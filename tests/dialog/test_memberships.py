import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection
from post_office.models import Email

from dialog.models import Membership, Step
from dialog.services import memberships
from tests.factories import (
    BodyFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    SeatFactory,
    UserFactory,
    berlin,
)

AT = berlin(2026, 3, 2)


def mails() -> list[tuple[str, str]]:
    return sorted((mail.to[0], mail.subject) for mail in Email.objects.all())


def test_a_request_tells_the_applicant_and_the_chair(citizen, chair, working_group):
    organization = OrganizationFactory()
    membership = memberships.request(
        working_group, by=citizen, at=AT, message="Ich helfe gern.", organization=organization, name_public=True
    )
    assert (membership.state, membership.person, membership.organization, membership.name_public) == (
        "requested",
        citizen.person,
        organization,
        True,
    )
    assert mails() == [
        ("carla@example.org", "Ihr Antrag: Arbeitsgruppe Wohnen und Quartier"),
        ("lena@example.org", "Neuer Antrag auf Mitarbeit: Arbeitsgruppe Wohnen und Quartier"),
    ]


def test_without_a_chair_the_planning_group_decides(citizen, planner, working_group):
    memberships.request(working_group, by=citizen, at=AT)
    assert [mail for mail, _subject in mails()] == ["carla@example.org", "paula@example.org"]


def test_one_open_request_a_person_and_body(citizen, working_group):
    memberships.request(working_group, by=citizen, at=AT)
    with pytest.raises(ValidationError, match="schon einen Antrag"):
        memberships.request(working_group, by=citizen, at=AT)
    assert Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_open_request_also_at_the_same_moment():
    user = PersonFactory(user=UserFactory()).user
    group = BodyFactory()
    barrier = threading.Barrier(3, timeout=20)
    outcomes: list[str] = []

    def ask() -> None:
        try:
            barrier.wait()
            memberships.request(group, by=user, at=AT)
            outcomes.append("asked")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["asked", "refused", "refused"]
    assert Membership.objects.count() == 1


def test_a_closed_group_says_why(citizen):
    group = BodyFactory(is_open=False, closed_reason="Die Gruppe ist voll besetzt.")
    with pytest.raises(ValidationError, match="voll besetzt"):
        memberships.request(group, by=citizen, at=AT)


def test_declining_needs_a_reason_that_the_applicant_reads(applicant, chair, working_group):
    membership = working_group.memberships.get(state="requested")
    with pytest.raises(ValidationError):
        memberships.decline(membership, by=chair, reason="  ", at=AT)
    memberships.decline(membership, by=chair, reason="Bitte fragen Sie die AG Sport.", at=AT)
    assert "Bitte fragen Sie die AG Sport." in Email.objects.get().message


def test_after_declining_one_may_ask_again(applicant, chair, working_group):
    memberships.decline(working_group.memberships.get(state="requested"), by=chair, reason="voll", at=AT)
    assert memberships.request(working_group, by=applicant, at=AT).state == "requested"


def test_leaving_and_coming_back(member, working_group):
    membership = working_group.memberships.get(person__user=member)
    memberships.leave(membership, by=member, at=AT)
    assert (membership.state, membership.ends_on) == ("ended", AT.date())
    assert memberships.request(working_group, by=member, at=AT).state == "requested"


def test_only_oneself_consents_to_be_named(client_of, member, citizen, working_group):
    membership = working_group.memberships.get(person__user=member)
    address = f"/mitgliedschaften/{membership.pk}/name/"
    assert client_of(citizen).post(address, {"name_public": "on"}).status_code == 404
    membership.refresh_from_db()
    assert not membership.name_public
    client_of(member).post(address, {"name_public": "on"})
    membership.refresh_from_db()
    assert membership.name_public
    client_of(member).post(address)
    membership.refresh_from_db()
    assert not membership.name_public


def test_the_form_keeps_the_message_when_something_is_wrong(client_of, citizen, working_group):
    response = client_of(citizen).post(
        f"/gremien/{working_group.slug}/mitmachen/", {"message": "Ich bringe Zeit mit", "organization": "999999"}
    )
    assert response.status_code == 200
    assert "Ich bringe Zeit mit" in response.content.decode()
    assert not Membership.objects.exists()


def test_markup_in_a_message_stays_text(client_of, chair, working_group):
    membership = MembershipFactory(body=working_group, requested=True, message="<script>alert(1)</script>")
    page = client_of(chair).get(f"/arbeitsbereich/antraege/{membership.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_of_requests_needs_the_same_number_of_queries(
    client_of, planner, working_group, django_assert_num_queries, count
):
    MembershipFactory.create_batch(count, body=working_group, requested=True)
    browser = client_of(planner)
    browser.get("/arbeitsbereich/antraege/")
    with django_assert_num_queries(8, exact=False):
        browser.get("/arbeitsbereich/antraege/")


# ── terms, roles and seats ──────────────────────────────────────────────────────────────────────────────


def test_another_role_leaves_a_past_term_and_a_trace(planner, member, working_group):
    membership = working_group.memberships.get(person=member.person)
    organization = OrganizationFactory()
    memberships.change(membership, role="deputy", organization=organization, by=planner, at=AT)
    membership.refresh_from_db()
    assert (membership.role, membership.organization, membership.role_since) == ("deputy", organization, AT.date())
    term = membership.terms.get()
    assert (term.role, term.organization, term.ends_on) == ("member", None, AT.date())
    assert "Mitglied → Stellvertretung" in Step.objects.of(membership).latest("pk").note


def test_a_body_is_led_by_two_at_most(planner, chair, member, working_group):
    MembershipFactory(body=working_group, chair=True)
    with pytest.raises(ValidationError, match="schon zwei Personen"):
        memberships.change(
            working_group.memberships.get(person=member.person), role="chair", organization=None, by=planner, at=AT
        )
    with pytest.raises(ValidationError, match="schon zwei Personen"):
        memberships.enter(working_group, PersonFactory(), role="chair", starts_on=AT.date(), by=planner)


def test_only_the_planning_group_changes_roles(chair, member, working_group):
    with pytest.raises(PermissionDenied):
        memberships.change(
            working_group.memberships.get(person=member.person), role="deputy", organization=None, by=chair, at=AT
        )


def test_the_only_chair_is_asked_who_follows(client_of, chair, member, working_group):
    own, follower = (working_group.memberships.get(person=user.person) for user in (chair, member))
    address = f"/mitgliedschaften/{own.pk}/beenden/"
    browser = client_of(chair)
    assert "Wer übernimmt die Leitung?" in browser.get(address).content.decode()
    browser.post(address, {"successor": follower.pk})
    follower.refresh_from_db()
    assert (follower.role, working_group.memberships.get(pk=own.pk).state) == ("chair", "ended")
    assert not chair.__class__.objects.get(pk=chair.pk).has_perm("dialog.enter_workspace")
    assert member.__class__.objects.get(pk=member.pk).has_perm("dialog.enter_workspace")


def test_one_of_two_chairs_is_not_asked(client_of, chair, working_group):
    MembershipFactory(body=working_group, chair=True)
    own = working_group.memberships.get(person=chair.person)
    assert "Wer übernimmt" not in client_of(chair).get(f"/mitgliedschaften/{own.pk}/beenden/").content.decode()


def test_somebody_from_outside_cannot_follow(planner, chair, working_group):
    own = working_group.memberships.get(person=chair.person)
    with pytest.raises(ValidationError):
        memberships.end(own, by=planner, reason="Umzug", at=AT, successor=MembershipFactory())
    own.refresh_from_db()
    assert own.state == "active"


def test_a_chair_who_gets_another_role_is_followed_too(client_of, planner, chair, member, working_group):
    own = working_group.memberships.get(person__user=chair)
    follower = working_group.memberships.get(person__user=member)
    address, browser = f"/arbeitsbereich/mitgliedschaften/{own.pk}/", client_of(planner)
    page = browser.get(address).content.decode()
    assert page.count("Wer übernimmt die Leitung?") == 2
    assert (page.count('id="id_successor"'), page.count('id="ende_successor"')) == (1, 1)
    page = browser.post(address, {"change": "1", "role": "chair", "successor": follower.pk}).content.decode()
    assert "Hier behält die Person die Leitung" in page
    browser.post(address, {"change": "1", "role": "expert_support", "successor": follower.pk})
    own.refresh_from_db()
    follower.refresh_from_db()
    assert (own.role, follower.role) == ("expert_support", "chair")
    assert "Wer übernimmt die Leitung?" not in browser.get(address).content.decode()


def test_the_planning_group_ends_a_membership_with_a_reason(client_of, planner, member, working_group):
    membership = working_group.memberships.get(person=member.person)
    browser, address = client_of(planner), f"/arbeitsbereich/mitgliedschaften/{membership.pk}/"
    assert "Dieses Feld" in browser.post(address, {"end": "1", "reason": ""}).content.decode()
    browser.post(address, {"end": "1", "reason": "Auf eigenen Wunsch am Telefon."})
    membership.refresh_from_db()
    assert membership.state == "ended"
    assert "Auf eigenen Wunsch am Telefon." in Email.objects.get(to=member.email).message


def test_a_seat_has_as_many_holders_as_places(planner, member, working_group):
    seat = SeatFactory(body=working_group, places=1)
    own = working_group.memberships.get(person=member.person)
    memberships.change(own, role="member", organization=None, seat=seat, by=planner, at=AT)
    with pytest.raises(ValidationError, match="schon besetzt"):
        memberships.enter(working_group, PersonFactory(), role="member", starts_on=AT.date(), seat=seat, by=planner)
    with pytest.raises(ValidationError, match="anderen Gremium"):
        memberships.change(own, role="member", organization=None, seat=SeatFactory(), by=planner, at=AT)


def test_who_takes_part_on_paper_is_entered_and_an_address_belongs_to_one(client_of, planner, member, working_group):
    browser, address = client_of(planner), "/arbeitsbereich/mitglieder/wohnen-und-quartier/eintragen/"
    values = {"name": "Paul Papier", "email": "", "role": "member", "starts_on": "2026-01-01"}
    browser.post(address, values)
    assert working_group.memberships.get(person__name="Paul Papier").state == "active"
    page = browser.post(address, {**values, "email": member.email}).content.decode()
    assert "Diese Adresse gehört schon zu: Mira Mitglied." in page
    again = browser.post(address, {**values, "name": "Mira Mitglied", "email": member.email}).content.decode()
    assert "Es gibt schon einen Antrag oder eine Mitgliedschaft." in again


def test_consent_leaves_a_trace(member, working_group):
    own = working_group.memberships.get(person=member.person)
    for public in (True, True, False):
        memberships.set_name_public(own, public, by=member, at=AT)
    assert list(Step.objects.of(own).values_list("name", flat=True)) == ["consent", "revoke_consent"]


def test_a_closed_group_says_why_and_what_else_is_open(client_of, citizen, working_group):
    group = BodyFactory(closed=True)
    page = client_of(citizen).get(f"/gremien/{group.slug}/mitmachen/").content.decode()
    assert "Die Gruppe ist voll besetzt." in page
    assert "Arbeitsgruppe Wohnen und Quartier" in page


# What must always hold, the database holds too.


@pytest.mark.parametrize(
    "values",
    [
        {"state": "active", "starts_on": None},
        {"state": "ended", "starts_on": AT.date(), "ends_on": None},
        {"state": "active", "starts_on": AT.date(), "ends_on": AT.date()},
        {"state": "ended", "starts_on": AT.date(), "ends_on": berlin(2020, 1, 1).date()},
        {"state": "declined", "reason": ""},
    ],
    ids=[
        "active without beginning",
        "ended without end",
        "active with end",
        "end before start",
        "declined without why",
    ],
)
def test_the_database_refuses(working_group, values):
    membership = MembershipFactory(body=working_group, requested=True)
    with pytest.raises(IntegrityError):
        Membership.objects.filter(pk=membership.pk).update(**values)


def test_the_database_refuses_a_second_open_membership(member, working_group):
    with pytest.raises(IntegrityError):
        MembershipFactory(body=working_group, person=member.person, requested=True)
