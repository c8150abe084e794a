import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from dialog.models import Membership, Step
from dialog.services import steps
from tests.factories import MembershipFactory

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def test_a_step_leaves_a_trace(applicant, chair, working_group):
    membership = working_group.memberships.get(state="requested")
    steps.take(membership, "accept", by=chair, at=NOW, note="gern", on=NOW.date())
    step = Step.objects.of(membership).get()
    assert (step.name, step.from_state, step.to_state, step.by, step.at, step.note) == (
        "accept",
        "requested",
        "active",
        chair,
        NOW,
        "gern",
    )


def test_nobody_takes_a_step_without_permission(applicant, member, working_group):
    membership = working_group.memberships.get(state="requested")
    with pytest.raises(PermissionDenied):
        steps.take(membership, "accept", by=member, at=NOW, on=NOW.date())
    assert not Step.objects.exists()
    membership.refresh_from_db()
    assert membership.state == "requested"


def test_an_unlawful_step_changes_nothing(member, planner, working_group):
    membership = working_group.memberships.get(state="active")
    with pytest.raises(TransitionNotAllowed):
        steps.take(membership, "accept", by=planner, at=NOW, on=NOW.date())
    assert not Step.objects.exists()


def test_of_two_who_read_the_same_row_one_wins(applicant, planner, working_group):
    mine = working_group.memberships.get(state="requested")
    theirs = Membership.objects.get(pk=mine.pk)
    steps.take(mine, "decline", by=planner, at=NOW, reason="zu voll")
    with pytest.raises(ConcurrentTransition):
        steps.take(theirs, "accept", by=planner, at=NOW, on=NOW.date())
    assert Membership.objects.get(pk=mine.pk).state == "declined"
    assert Step.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_one_wins():
    membership = MembershipFactory(requested=True)
    barrier = threading.Barrier(2, timeout=20)
    outcomes: list[str] = []

    def take(name: str, **arguments: object) -> None:
        try:
            row = Membership.objects.get(pk=membership.pk)
            barrier.wait()
            steps.take(row, name, by=None, at=NOW, **arguments)
            outcomes.append(name)
        except (ConcurrentTransition, TransitionNotAllowed):
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=take, args=("accept",), kwargs={"on": NOW.date()}),
        threading.Thread(target=take, args=("decline",), kwargs={"reason": "zu voll"}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes)[-1] == "too late"
    assert len(outcomes) == 2
    assert Step.objects.count() == 1
    assert Step.objects.get().to_state == Membership.objects.get(pk=membership.pk).state


def test_the_second_gets_a_page_that_says_so(client_of, applicant, planner, working_group):
    membership = working_group.memberships.get(state="requested")
    browser = client_of(planner)
    address = f"/arbeitsbereich/antraege/{membership.pk}/"
    assert browser.post(address, {"accept": "1"}).status_code == 302
    response = browser.post(address, {"accept": "1"})
    assert response.status_code == 409
    assert "text/html" in response["Content-Type"]
    assert Membership.objects.get(pk=membership.pk).state == "active"


def test_buttons_are_the_steps_that_would_succeed(applicant, member, chair, planner, anonymous, working_group):
    membership = working_group.memberships.get(state="requested")
    assert steps.open_to(membership, chair) == {"accept", "decline"}
    assert steps.open_to(membership, planner) == {"accept", "decline"}
    assert steps.open_to(membership, applicant) == {"withdraw"}
    assert steps.open_to(membership, member) == set()
    assert steps.open_to(membership, anonymous) == set()
