"""Recommendations in the workspace: written, numbered, taken from step to step, with reasons."""

import pytest

from dialog.models import Recommendation, Step
from tests.factories import (
    AddresseeFactory,
    BodyFactory,
    FieldOfActionFactory,
    OrganizationFactory,
    RecommendationFactory,
)

LIST = "/arbeitsbereich/empfehlungen/"


@pytest.fixture
def desk(client_of, planner):
    return client_of(planner)


@pytest.fixture
def values(db):
    return {
        "title": "Eine Bücherei für Gahmen",
        "wording": "Die Gruppe empfiehlt eine Bücherei.",
        "body": BodyFactory().pk,
        "field": FieldOfActionFactory().pk,
        "date": "2026-03-02",
        "date_precision": "day",
        "bodies": [BodyFactory(council=True).pk],
        "organizations": [OrganizationFactory().pk],
    }


def test_a_recommendation_is_written_and_gets_a_number(desk, planner, values):
    response = desk.post(f"{LIST}neu/", values)
    made = Recommendation.objects.get()
    assert response["Location"] == f"{LIST}{made.number}/"
    assert (made.number, made.state, made.addressees.count()) == ("E-2026-001", "drafted", 2)
    assert [(step.name, step.by) for step in Step.objects.of(made)] == [("draft", planner)]


def test_its_addressees_are_changed(desk, values):
    desk.post(f"{LIST}neu/", values)
    other = OrganizationFactory()
    desk.post(f"{LIST}E-2026-001/", {**values, "bodies": [], "organizations": [other.pk], "title": "Neuer Titel"})
    made = Recommendation.objects.get()
    assert made.title == "Neuer Titel"
    assert [row.organization for row in made.addressees.all()] == [other]


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"date": "0209-03-02"}, {"date": "gestern"}, {"body": "0"}, {"title": "x" * 10_000}],
    ids=str,
)
def test_bad_input_is_named_and_nothing_typed_is_lost(desk, values, wrong):
    response = desk.post(f"{LIST}neu/", {**values, **wrong})
    assert response.status_code == 200
    assert "Bitte prüfen Sie Ihre Angaben" in response.content.decode()
    assert "Die Gruppe empfiehlt eine Bücherei." in response.content.decode()
    assert not Recommendation.objects.exists()


def test_from_draft_to_done(desk):
    row = AddresseeFactory(recommendation=RecommendationFactory(drafted=True)).recommendation
    for name in ("present", "adopt", "take_up", "complete"):
        assert desk.post(f"{LIST}{row.number}/", {"step": name, "reason": ""}).status_code == 302
    row.refresh_from_db()
    assert row.state == "done"
    assert [step.name for step in Step.objects.of(row)] == ["present", "adopt", "take_up", "complete"]


def test_nothing_is_presented_to_nobody(desk):
    row = RecommendationFactory(drafted=True)
    assert (
        "an wen sich die Empfehlung richtet" in desk.post(f"{LIST}{row.number}/", {"step": "present"}).content.decode()
    )


@pytest.mark.parametrize(("name", "state"), [("turn_down", "not_adopted"), ("reject", "rejected")])
def test_what_is_not_followed_needs_a_reason_that_everyone_reads(desk, client, name, state):
    row = RecommendationFactory()
    refused = desk.post(f"{LIST}{row.number}/", {"step": name, "reason": "  "})
    assert "Bitte begründen Sie das" in refused.content.decode()
    desk.post(f"{LIST}{row.number}/", {"step": name, "reason": "Dafür ist das Land zuständig."})
    row.refresh_from_db()
    assert row.state == state
    assert "Dafür ist das Land zuständig." in client.get(row.get_absolute_url()).content.decode()


def test_an_unlawful_step_is_refused(desk):
    row = RecommendationFactory(drafted=True)
    assert desk.post(f"{LIST}{row.number}/", {"step": "complete"}).status_code == 409
    row.refresh_from_db()
    assert row.state == "drafted"


def test_only_the_planning_group_gets_in(client_of, users):
    row = RecommendationFactory()
    for address in (LIST, f"{LIST}neu/", f"{LIST}{row.number}/"):
        seen = {role for role, user in users.items() if client_of(user).get(address).status_code == 200}
        assert seen == {"planner", "operator"}


def test_the_list_takes_as_many_queries_for_thirty(queries, planner):
    RecommendationFactory()
    one = queries(LIST, "planner")
    RecommendationFactory.create_batch(29)
    assert queries(LIST, "planner") == one
