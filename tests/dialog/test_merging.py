"""Two entries for one person: offered, seen, merged, undone."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError

from dialog.models import Membership, Merge
from dialog.services import merging
from tests.factories import MembershipFactory, PersonFactory, TaskFactory, UserFactory, berlin

AT = berlin(2026, 3, 2)


@pytest.fixture
def pair(db):
    """Somebody on paper, and the account with the same verified address."""
    paper = PersonFactory(name="H. Kowalski", email="Heinz@Example.org", office="Obmann", office_public=True)
    user = UserFactory(email="heinz@example.org")
    account = PersonFactory(name="Heinz Kowalski", user=user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return paper, account


def test_the_same_verified_address_is_offered(pair):
    assert merging.offers() == [pair]
    EmailAddress.objects.update(verified=False)
    assert merging.offers() == []


def test_both_sides_are_shown_before_anything_happens(client_of, planner, pair):
    MembershipFactory(person=pair[0])
    browser = client_of(planner)
    assert "H. Kowalski" in browser.get("/arbeitsbereich/personen/doppelt/").content.decode()
    page = browser.get(f"/arbeitsbereich/personen/doppelt/{pair[0].pk}/{pair[1].pk}/").content.decode()
    assert "H. Kowalski" in page
    assert "Heinz Kowalski" in page
    assert not Merge.objects.exists()


def test_merging_moves_everything_and_can_be_undone(planner, pair, measure):
    paper, account = pair
    membership, task = MembershipFactory(person=paper), TaskFactory(assignee=paper)
    measure.contacts.add(paper)
    row = merging.merge(paper, account, by=planner, at=AT)
    for moved in (membership, task, account):
        moved.refresh_from_db()
    assert (membership.person, task.assignee, list(measure.contacts.all())) == (account, account, [account])
    assert (account.office, account.office_public) == ("Obmann", True)
    assert merging.offers() == []
    later = MembershipFactory(person=account)
    merging.undo(row, by=planner, at=AT)
    for moved in (membership, task, later, account):
        moved.refresh_from_db()
    assert (membership.person, task.assignee, later.person) == (paper, paper, account)
    assert (account.office, account.office_public) == ("", False)
    assert merging.offers() == [pair]
    merging.merge(paper, account, by=planner, at=AT)


def test_a_contact_that_both_are_stays_once(planner, pair, measure):
    measure.contacts.add(*pair)
    row = merging.merge(*pair, by=planner, at=AT)
    merging.undo(row, by=planner, at=AT)
    assert set(measure.contacts.all()) == set(pair)


def test_both_in_one_body_is_refused_and_nothing_moves(planner, pair, working_group):
    for person in pair:
        MembershipFactory(person=person, body=working_group)
    other = MembershipFactory(person=pair[0])
    with pytest.raises(ValidationError, match="Wohnen und Quartier"):
        merging.merge(*pair, by=planner, at=AT)
    other.refresh_from_db()
    assert other.person == pair[0]
    assert not Merge.objects.exists()


def test_two_people_are_not_offered_again(planner, pair):
    merging.dismiss(*pair, by=planner, at=AT)
    assert merging.offers() == []


def test_only_the_planning_group_merges(chair, pair):
    for step in (merging.merge, merging.dismiss):
        with pytest.raises(PermissionDenied):
            step(*pair, by=chair, at=AT)


def test_two_accounts_are_not_merged(planner, pair, citizen):
    with pytest.raises(ValidationError):
        merging.merge(citizen.person, pair[1], by=planner, at=AT)


def test_what_was_merged_is_in_no_list(client_of, planner, pair):
    merging.merge(*pair, by=planner, at=AT)
    page = client_of(planner).get("/arbeitsbereich/personen/?q=kowalski").content.decode()
    assert "Heinz Kowalski" in page
    assert "H. Kowalski" not in page
    assert not Membership.objects.filter(person=pair[0]).exists()


def test_the_same_name_under_another_address_leads_to_the_comparison(client_of, planner, citizen):
    paper = PersonFactory(name="carla bürgerin", email="c.buergerin@example.org")
    for person in (paper, citizen.person):
        page = client_of(planner).get(f"/arbeitsbereich/personen/{person.pk}/").content.decode()
        assert f"/arbeitsbereich/personen/doppelt/{paper.pk}/{citizen.person.pk}/" in page
    PersonFactory(name="Carla Bürgerin", user=UserFactory(email="noch-eine@example.org"))
    page = client_of(planner).get(f"/arbeitsbereich/personen/{citizen.person.pk}/").content.decode()
    assert "noch-eine@example.org" in page
