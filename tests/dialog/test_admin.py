"""The operator keeps master data; states move only by their steps."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django_fsm import FSMField

from dialog.models import Body, Membership, Person, Recommendation, Step, User
from tests.factories import (
    AgendaItemFactory,
    BodyFactory,
    ConferenceFactory,
    DebateFactory,
    DeclarationFactory,
    MeetingFactory,
    MembershipFactory,
    PersonFactory,
    ProgrammeItemFactory,
    RecommendationFactory,
    SignatureFactory,
)

OURS = [model for model in admin.site._registry if model._meta.app_label in {"dialog", "conferences"}]


@pytest.fixture
def office(operator: User, client_of: Callable[[Any], Client]) -> Client:
    """The operator's browser."""
    return client_of(operator)


def path(model: Any, *parts: Any) -> str:
    return "/".join(["/stammdaten", model._meta.app_label, model._meta.model_name, *map(str, parts), ""])


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_lists_search_and_forms_open(model: Any, office: Client) -> None:
    MembershipFactory()
    DebateFactory(recommendation=RecommendationFactory(), conference=ProgrammeItemFactory().conference)
    SignatureFactory()
    AgendaItemFactory()
    assert office.get(path(model)).status_code == 200
    assert office.get(path(model), {"q": "a"}).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert office.get(path(model, row.pk, "change")).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_form_offers_a_state_to_set(model: Any, rf: Any, operator: User) -> None:
    states = {field.name for field in model._meta.get_fields() if isinstance(field, FSMField)}
    request = rf.get("/")
    request.user = operator
    registered = admin.site._registry[model]
    for row in (None, model()):
        assert not states & set(registered.get_form(request, row).base_fields)


@pytest.mark.parametrize("role", ["anonymous", "citizen", "member", "chair", "planner"])
def test_nobody_but_the_operator_gets_in(
    role: str, request: pytest.FixtureRequest, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(request.getfixturevalue(role))
    assert client.get(path(Body)).status_code in {302, 403}


def test_whoever_the_operator_enters_belongs_at_once_and_it_leaves_a_trace(office: Client, operator: User) -> None:
    body, person = BodyFactory(planning_group=True), PersonFactory(with_account=True)
    form = {"body": body.pk, "person": person.pk, "role": "member", "starts_on": "2009-01-27"}
    assert office.post(path(Membership, "add"), form).status_code == 302
    membership = Membership.objects.get()
    assert (membership.state, membership.starts_on) == ("active", dt.date(2009, 1, 27))
    step = Step.objects.of(membership).get()
    assert (step.name, step.to_state, step.by) == ("enter", "active", operator)
    assert User.objects.get(pk=person.user.pk).runs_the_process


def test_a_membership_without_a_beginning_or_twice_gets_a_clear_error(office: Client) -> None:
    membership = MembershipFactory()
    form = {"body": membership.body.pk, "person": membership.person.pk, "role": "member"}
    assert "Dieses Feld ist zwingend erforderlich." in office.post(path(Membership, "add"), form).content.decode()
    form["starts_on"] = "2009-02-01"
    page = office.post(path(Membership, "add"), form).content.decode()
    assert "Es gibt schon einen Antrag oder eine Mitgliedschaft." in page
    assert Membership.objects.count() == 1


def test_a_changed_membership_keeps_its_state(office: Client) -> None:
    membership = MembershipFactory(requested=True)
    form = {"role": "chair", "name_public": "on", "state": "active"}
    assert office.post(path(Membership, membership.pk, "change"), form).status_code == 302
    membership = Membership.objects.get()
    assert (membership.role, membership.name_public, membership.state) == ("chair", True, "requested")


@pytest.mark.parametrize(("model", "make"), [(Membership, MembershipFactory), (Recommendation, RecommendationFactory)])
def test_what_has_a_history_is_not_deleted(model: Any, make: Any, office: Client) -> None:
    row = make()
    assert office.post(path(model, row.pk, "delete"), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_recommendations_get_their_number_elsewhere(office: Client) -> None:
    assert office.get(path(Recommendation, "add")).status_code == 403


def test_a_new_account_signs_in_by_mail_code_only(office: Client) -> None:
    assert office.post(path(User, "add"), {"email": "neu@example.org", "is_active": "on"}).status_code == 302
    assert not User.objects.get(email="neu@example.org").has_usable_password()


def test_a_person_is_entered_without_an_account(office: Client) -> None:
    assert office.post(path(Person, "add"), {"name": "Nur auf Papier"}).status_code == 302
    assert Person.objects.get().user is None


@pytest.mark.parametrize("make", [MeetingFactory, DeclarationFactory, ConferenceFactory, BodyFactory])
def test_lists_take_as_many_queries_for_30_rows_as_for_one(make: Any, queries: Callable[..., int]) -> None:
    make()
    address = path(make._meta.model)
    few = queries(address, "operator")
    make.create_batch(29)
    assert queries(address, "operator") == few
