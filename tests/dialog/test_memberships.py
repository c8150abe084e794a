import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from post_office.models import Email

from dialog.models import Membership
from dialog.services import memberships
from tests.factories import BodyFactory, MembershipFactory, OrganizationFactory, PersonFactory, UserFactory, berlin

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
