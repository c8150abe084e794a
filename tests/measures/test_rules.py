"""The role table of the council side: who may do what, and who reads what. Every permission has a line."""

import pytest

from measures.models import CouncilReport, GroupStatement, Measure, ProgressUpdate
from measures.rules import PERMISSIONS
from tests.conftest import ROLES
from tests.factories import CouncilReportFactory, GroupStatementFactory, MeasureFactory, ProgressUpdateFactory

ALL = set(ROLES)
RUNS = {"planner", "operator"}

#: Permission → (what it is asked about, who has it).
MAY = {
    "measures.run_measure": ("measure", RUNS),
    "measures.update_measure": ("measure", RUNS | {"lead_contact"}),
    "measures.track_resolution": (None, RUNS),
    "measures.update_point": ("measure", RUNS | {"lead_contact"}),
    "measures.make_report": (None, RUNS),
    "measures.approve_report": (None, {"operator"}),
    "measures.publish_report": ("report", RUNS),
    "measures.give_statement": ("group", {"chair", "operator"}),
}


def test_every_permission_has_a_line():
    assert set(MAY) == set(PERMISSIONS)


@pytest.mark.parametrize("permission", MAY)
def test_who_may(users, measure, working_group, permission):
    rows = {"measure": measure, "group": working_group, "report": CouncilReportFactory(), None: None}
    name, expected = MAY[permission]
    assert {role for role, user in users.items() if user.has_perm(permission, rows[name])} == expected


def test_a_contact_updates_their_own_measures_only(lead_contact):
    assert not lead_contact.has_perm("measures.update_measure", MeasureFactory())


def readers(users, queryset) -> set[str]:
    return {role for role, user in users.items() if queryset.visible_to(user).exists()}


@pytest.mark.parametrize("state", Measure.State.values)
def test_measures(users, measure, state):
    Measure.objects.all().delete()
    extra = {"done": {"progress": 100}, "stopped": {"stop_reason": "zu teuer"}}.get(state, {})
    if state == "merged":
        extra = {"merged_into": MeasureFactory(proposed=True)}
    update = ProgressUpdateFactory(measure=MeasureFactory(state=state, **extra))
    expected = RUNS if state == "proposed" else ALL
    assert readers(users, Measure.objects) == expected
    assert readers(users, ProgressUpdate.objects.filter(pk=update.pk)) == expected


def test_reports_and_statements(users, working_group):
    draft = CouncilReportFactory(year=2019)
    GroupStatementFactory(report=draft, body=working_group)
    assert readers(users, CouncilReport.objects) == RUNS
    assert readers(users, GroupStatement.objects) == RUNS | {"member", "chair"}
    GroupStatementFactory(report=CouncilReportFactory(year=2020, published=True))
    assert readers(users, CouncilReport.objects) == ALL
    assert readers(users, GroupStatement.objects) == ALL


#: Address → who gets in.
PAGES = {
    "/arbeitsbereich/massnahmen/": RUNS | {"chair", "lead_contact"},
    "/arbeitsbereich/massnahmen/{number}/": RUNS | {"lead_contact"},
    "/arbeitsbereich/beschluesse/": RUNS,
    "/arbeitsbereich/beschluesse/neu/": RUNS,
    "/arbeitsbereich/berichte/": RUNS,
}


@pytest.mark.parametrize("address", PAGES)
def test_who_gets_in(client_of, users, measure, address):
    path = address.format(number=measure.number)
    assert {role for role, user in users.items() if client_of(user).get(path).status_code == 200} == PAGES[address]
