"""The operator keeps the master data of the council side; states and numbers are nobody's to type."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone
from django_fsm import FSMField

from measures.models import Measure, ResolutionPoint
from tests.factories import (
    CooperationAgreementFactory,
    FieldOfActionFactory,
    GoalFactory,
    GuidelineFactory,
    IndicatorValueFactory,
    MeasureFactory,
    MeasureMilestoneFactory,
    OrganizationFactory,
    ResolutionPointFactory,
    StrandFactory,
)

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model._meta.app_label == "measures"]


def address(model: Any, *parts: Any) -> str:
    return "/".join(["/stammdaten", model._meta.app_label, model._meta.model_name, *map(str, parts), ""])


@pytest.fixture
def office(operator, client_of) -> Client:
    return client_of(operator)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_lists_search_and_forms_open(model, office):
    for factory in (GuidelineFactory, GoalFactory, ResolutionPointFactory, MeasureMilestoneFactory,
                    IndicatorValueFactory, CooperationAgreementFactory):  # fmt: skip
        factory()
    assert office.get(address(model)).status_code == 200
    assert office.get(address(model), {"q": "a"}).status_code == 200
    assert office.get(address(model, model.objects.first().pk, "change")).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_form_offers_a_state_or_a_number_to_set(model, rf, operator):
    kept = {field.name for field in model._meta.get_fields() if isinstance(field, FSMField)} | {"number"}
    request = rf.get("/")
    request.user = operator
    registered = admin.site._registry[model]
    for row in (None, model()):
        assert not kept & set(registered.get_form(request, row).base_fields)
        for inline in registered.get_inline_instances(request, row):
            assert not {"state", "number"} & set(inline.get_formset(request, row).form.base_fields)


def test_a_new_measure_is_a_proposal_with_the_next_number(office):
    year = timezone.localdate().year
    for expected in (f"M-{year}-001", f"M-{year}-002"):
        answer = office.post(
            address(Measure, "add"),
            {
                "title": "Neues Haus",
                "slug": "neues-haus",
                "kind": "project",
                "summary": "Ein Haus für alle.",
                "field": FieldOfActionFactory().pk,
                "lead": OrganizationFactory().pk,
                "strands": [StrandFactory().pk],
                "date_precision": "month",
                "interval": Measure._meta.get_field("interval").default,
                "state": "done",
                "progress": "100",
                "number": "M-1999-001",
                "milestones-TOTAL_FORMS": "0",
                "milestones-INITIAL_FORMS": "0",
            },
        )
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        row = Measure.objects.order_by("-pk")[0]
        assert (row.number, row.state, row.progress) == (expected, "proposed", 0)
        assert row.last_news_on == timezone.localdate()


def test_nothing_that_was_given_or_resolved_is_deleted(office):
    for row in (MeasureFactory(), ResolutionPointFactory(), ResolutionPointFactory().resolution):
        assert office.post(address(type(row), row.pk, "delete"), {"post": "yes"}).status_code == 403
        assert type(row).objects.filter(pk=row.pk).exists()


def test_points_are_chosen_for_a_measure_but_kept_with_their_resolution(office):
    point = ResolutionPointFactory(title="Maßnahmen entwickeln")
    found = office.get(
        "/stammdaten/autocomplete/",
        {"app_label": "measures", "model_name": "measure", "field_name": "decided_in", "term": "entwickeln"},
    )
    assert [row["id"] for row in found.json()["results"]] == [str(point.pk)]
    assert office.get(address(ResolutionPoint, "add")).status_code == 403


@pytest.mark.parametrize("role", ["anonymous", "citizen", "member", "planner", "lead_contact"])
def test_only_the_operator_gets_in(role, users, client_of):
    assert client_of(users[role]).get(address(Measure)).status_code in {302, 403}
