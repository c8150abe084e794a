"""Decisions with votes, and recommendations, from an item of the minutes."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django_fsm import TransitionNotAllowed

from dialog.models import Attendance, Decision, Recommendation
from dialog.services import decisions, minutes
from tests.factories import (
    AgendaItemFactory,
    FieldOfActionFactory,
    MeetingFactory,
    MembershipFactory,
    MinutesFactory,
    OrganizationFactory,
    berlin,
)

NOW = berlin(2026, 3, 11)


@pytest.fixture
def draft(working_group):
    return MinutesFactory(meeting=MeetingFactory(body=working_group, held=True, starts_at=berlin(2026, 3, 10)))


@pytest.fixture
def item(draft):
    return AgendaItemFactory(meeting=draft.meeting, position=1)


def decide(draft, item, by=None, **votes):
    return decisions.decide(draft, item, wording="So soll es sein.", by=by, at=NOW, **votes)


def come(draft, number, **attendance):
    for _ in range(number):
        person = MembershipFactory(body=draft.meeting.body).person
        Attendance.objects.create(meeting=draft.meeting, person=person, presence="present", **attendance)


@pytest.mark.parametrize(
    "votes",
    [
        {"unanimous": True},
        {"unanimous": True, "yes": 3, "abstained": 0},
        {"yes": 2, "no": 1, "abstained": 0},
        {"yes": 1, "no": 0, "abstained": 1},
        {},
    ],
)
def test_votes_that_fit_three_members_are_kept(draft, item, votes):
    come(draft, 3)
    decision = decide(draft, item, **votes)
    assert {name: getattr(decision, name) for name in votes} == votes


@pytest.mark.parametrize(
    "votes",
    [
        {"unanimous": True, "no": 1},
        {"unanimous": True, "yes": 0},
        {"yes": 3, "no": 0, "abstained": 1},
        {"yes": 1, "no": 2},
        {"yes": 1, "no": 1},
    ],
)
def test_votes_that_cannot_be_are_refused_and_what_was_typed_stays(client_of, draft, item, planner, votes):
    come(draft, 3)
    with pytest.raises(ValidationError):
        decide(draft, item, **votes)
    typed = {name: "on" if value is True else value for name, value in votes.items()}
    page = client_of(planner).post(
        reverse("workspace_minutes_add", args=[draft.pk, item.pk, "beschluss"]), {"wording": "Mein Wortlaut", **typed}
    )
    assert page.status_code == 200
    assert "Mein Wortlaut" in page.content.decode()
    assert page.context["form"].errors
    assert not Decision.objects.exists()


def test_expert_support_does_not_vote(draft, item):
    come(draft, 2)
    come(draft, 3, role="expert_support")
    with pytest.raises(ValidationError, match="mehr Stimmen"):
        decide(draft, item, yes=3)


def test_without_noted_attendance_any_number_is_kept(draft, item):
    assert decide(draft, item, yes=40, no=2, abstained=1).votes_given == 43


@pytest.mark.parametrize("number", ["-1", "1001", "viele", "9" * 40])
def test_numbers_beyond_reason_are_refused_by_the_form(client_of, draft, item, planner, number):
    page = client_of(planner).post(
        reverse("workspace_minutes_add", args=[draft.pk, item.pk, "beschluss"]), {"wording": "So.", "yes": number}
    )
    assert "yes" in page.context["form"].errors


def test_a_decision_noted_by_mistake_is_taken_back_until_approval(client_of, draft, item, planner, member):
    first, second = decide(draft, item), decide(draft, item)
    minutes.submit(draft, by=None, at=NOW)
    address = reverse("workspace_decision_take_back", args=[first.pk])
    assert client_of(member).post(address).status_code == 403
    assert client_of(planner).post(address).status_code == 302
    assert Decision.history.filter(id=first.pk, history_type="-").exists()
    minutes.approve(draft, by=None, at=NOW)
    with pytest.raises(TransitionNotAllowed):
        decisions.take_back(second, by=planner)


def test_who_decides(users, draft, item):
    allowed = set()
    for role, user in users.items():
        try:
            decide(draft, item, by=user)
        except PermissionDenied:
            continue
        allowed.add(role)
    assert allowed == {"planner", "operator"}


def test_a_recommendation_gets_its_number_and_addressees(client_of, draft, item, planner):
    organization, field = OrganizationFactory(), FieldOfActionFactory()
    data = {
        "title": "Licht am Grünzug",
        "wording": "Die Verwaltung möge Lampen aufstellen.",
        "field": field.pk,
        "organizations": [organization.pk],
        "bodies": [draft.meeting.body_id],
    }
    response = client_of(planner).post(reverse("workspace_minutes_add", args=[draft.pk, item.pk, "empfehlung"]), data)
    assert response.status_code == 302
    recommendation = Recommendation.objects.get()
    assert (recommendation.number, recommendation.state) == ("E-2026-001", "drafted")
    assert recommendation.agenda_item == item
    assert {str(row) for row in recommendation.addressees.all()} == {str(organization), str(draft.meeting.body)}


def test_a_recommendation_without_addressee_takes_no_number(client_of, draft, item, planner):
    address = reverse("workspace_minutes_add", args=[draft.pk, item.pk, "empfehlung"])
    data = {"title": "Licht", "wording": "Lampen.", "field": FieldOfActionFactory().pk}
    page = client_of(planner).post(address, data)
    assert "an wen" in page.content.decode()
    assert not Recommendation.objects.exists()
    client_of(planner).post(address, {**data, "bodies": [draft.meeting.body_id]})
    assert Recommendation.objects.get().number == "E-2026-001"
