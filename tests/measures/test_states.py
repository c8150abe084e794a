"""The states of a measure: lawful steps only, each with what it needs."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from dialog.models import Step
from dialog.services import steps
from measures.models import Measure
from measures.services import measures, progress
from tests.factories import (
    FieldOfActionFactory,
    MeasureFactory,
    OrganizationFactory,
    ResolutionPointFactory,
    berlin,
)

AT = berlin(2026, 3, 2)


@pytest.fixture
def proposed(db) -> Measure:
    return MeasureFactory(proposed=True)


def test_a_new_measure_is_proposed_has_a_number_and_a_trace(planner):
    made = measures.create(
        by=planner,
        at=AT,
        title="Bücherei im Quartier",
        summary="Eine Bücherei.",
        field=FieldOfActionFactory(),
        lead=OrganizationFactory(),
    )
    assert (made.number, made.slug, made.state) == ("M-2026-001", "bucherei-im-quartier", "proposed")
    assert [(step.name, step.by) for step in Step.objects.of(made)] == [("propose", planner)]


def test_decided_needs_a_resolution_or_a_name(proposed):
    with pytest.raises(ValidationError, match="Ratsbeschluss"):
        measures.decide(proposed, by=None, at=AT)
    with pytest.raises(ValidationError):
        measures.decide(proposed, by=None, at=AT, decided_by="   ")
    measures.decide(proposed, by=None, at=AT, decided_by="Vorstand des Sportvereins")
    proposed.refresh_from_db()
    assert (proposed.state, proposed.decided_by) == ("decided", "Vorstand des Sportvereins")


def test_a_resolution_decides(proposed):
    proposed.decided_in.add(ResolutionPointFactory())
    measures.decide(proposed, by=None, at=AT)
    assert proposed.state == "decided"


def test_done_needs_a_final_update(measure):
    with pytest.raises(TransitionNotAllowed):
        steps.take(measure, "complete", by=None, at=AT)
    progress.publish(measure, by=None, on=AT.date(), at=AT, text="Fertig.", status="done", progress=100)
    assert (measure.state, measure.progress) == ("done", 100)


def test_stopped_needs_a_reason(measure):
    with pytest.raises(ValidationError):
        measures.stop(measure, by=None, at=AT, reason=" ")
    measures.stop(measure, by=None, at=AT, reason="Das Geld fehlt.")
    assert (measure.state, measure.stop_reason) == ("stopped", "Das Geld fehlt.")


#: From → the states that one step leads to.
LAWFUL = {
    "proposed": {"decided", "merged"},
    "decided": {"in_progress", "stopped", "merged"},
    "in_progress": {"done", "stopped", "merged"},
    "done": set(),
    "stopped": set(),
    "merged": set(),
}


@pytest.mark.parametrize("state", Measure.State.values)
def test_only_lawful_steps(db, planner, state):
    extra = {
        "done": {"progress": 100},
        "stopped": {"stop_reason": "zu teuer"},
        "merged": {"merged_into": MeasureFactory()},
    }
    row = MeasureFactory(state=state, **extra.get(state, {}))
    row.updates.create(date=AT.date(), status="done", progress=100, text="Fertig.")
    targets = {transition.target for transition in row.get_available_user_state_transitions(planner)}
    assert targets == LAWFUL[state]


def test_a_measure_goes_into_another_one(measure):
    other = MeasureFactory()
    measures.merge(measure, into=other, by=None, at=AT)
    measure.refresh_from_db()
    assert (measure.state, measure.merged_into) == ("merged", other)
    assert list(other.merged_from.all()) == [measure]


def test_readers_are_led_to_where_it_went(measure, client):
    other = MeasureFactory()
    measures.merge(measure, into=other, by=None, at=AT)
    page = client.get(measure.get_absolute_url()).content.decode()
    assert "Weiter geht es hier" in page
    assert other.get_absolute_url() in page


def test_merging_never_makes_a_circle(db):
    first, second, third = MeasureFactory.create_batch(3)
    with pytest.raises(ValidationError, match="in sich selbst"):
        measures.merge(first, into=first, by=None, at=AT)
    measures.merge(first, into=second, by=None, at=AT)
    measures.merge(second, into=third, by=None, at=AT)
    with pytest.raises(ValidationError, match="selbst schon in dieser Maßnahme aufgegangen"):
        measures.merge(third, into=first, by=None, at=AT)
    assert Measure.objects.get(pk=third.pk).state == "in_progress"


def test_a_measure_does_not_go_into_one_that_has_gone_itself(db):
    first, second, third = MeasureFactory.create_batch(3)
    measures.merge(first, into=second, by=None, at=AT)
    with pytest.raises(ValidationError, match=second.title):
        measures.merge(third, into=first, by=None, at=AT)


def test_the_database_knows_it_too(measure):
    for values in ({"state": "merged"}, {"merged_into": MeasureFactory()}, {"state": "merged", "merged_into": measure}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Measure.objects.filter(pk=measure.pk).update(**values)


def test_only_the_planning_group_decides_stops_and_merges(lead_contact, measure):
    other = MeasureFactory()
    for service, values in (
        (measures.stop, {"reason": "Schluss."}),
        (measures.merge, {"into": other}),
        (measures.change, {"title": "Neu"}),
    ):
        with pytest.raises(PermissionDenied):
            service(measure, by=lead_contact, at=AT, **values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"starts_on": dt.date(2026, 2, 1), "ends_on": dt.date(2026, 1, 1)}, "vor dem Beginn"),
        ({"starts_on": dt.date(209, 1, 1)}, "Das Jahr 0209 kann nicht stimmen"),
        ({"title": ""}, "title"),
        ({"title": "x" * 10_000}, "title"),
    ],
    ids=["end before start", "year 0209", "no title", "huge title"],
)
def test_nonsense_is_refused_with_a_word(measure, values, words):
    with pytest.raises(ValidationError, match=words):
        measures.change(measure, by=None, at=AT, **values)
