"""The role table of the council side: who may do what, and who reads what. Every permission has a line."""

import pytest

from dialog.models import Following
from measures.models import Attachment, CouncilReport, GroupStatement, Measure, ProgressUpdate, Question
from measures.rules import PERMISSIONS
from tests.conftest import ROLES
from tests.factories import (
    AttachmentFactory,
    CouncilReportFactory,
    GroupStatementFactory,
    MeasureFactory,
    MeasureMilestoneFactory,
    ProgressUpdateFactory,
    QuestionFactory,
    berlin,
)

ALL = set(ROLES)
RUNS = {"planner", "operator"}

#: Permission → (what it is asked about, who has it).
MAY = {
    "measures.run_measure": ("measure", RUNS),
    "measures.update_measure": ("measure", RUNS | {"lead_contact"}),
    "measures.run_question": (None, RUNS),
    "measures.answer_question": ("question", RUNS | {"lead_contact"}),
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
    rows["question"] = QuestionFactory(measure=measure, forwarded=True)
    name, expected = MAY[permission]
    assert {role for role, user in users.items() if user.has_perm(permission, rows[name])} == expected


@pytest.mark.parametrize("state", Question.State.values)
def test_questions(users, measure, state):
    answered = {"answer": "Ja.", "answered_at": berlin(2026, 11, 3)} if state == "answered" else {}
    QuestionFactory(measure=measure, state=state, **answered)
    leads = {"lead_contact"} if state in {"forwarded", "answered"} else set()
    assert readers(users, Question.objects) == (set() if state == "unconfirmed" else RUNS | leads)
    question = Question.objects.get()
    assert {role for role, user in users.items() if user.has_perm("measures.answer_question", question)} == RUNS | leads


def test_a_published_question_is_read_by_all_as_far_as_its_measure(users):
    QuestionFactory(published=True, measure=MeasureFactory(proposed=True))
    assert readers(users, Question.objects) == RUNS
    QuestionFactory(published=True)
    assert readers(users, Question.objects) == ALL


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
    "/arbeitsbereich/massnahmen/{number}/meilensteine/": RUNS | {"lead_contact"},
    "/arbeitsbereich/massnahmen/{number}/meilensteine/{milestone}/": RUNS | {"lead_contact"},
    "/arbeitsbereich/massnahmen/{number}/anlagen/": RUNS | {"lead_contact"},
    "/massnahmen/{number}/aenderungen/": ALL,
    "/massnahmen/{number}/frage/": ALL,
    "/arbeitsbereich/fragen/": RUNS | {"lead_contact"},
    "/arbeitsbereich/fragen/{question}/": RUNS | {"lead_contact"},
    "/arbeitsbereich/beschluesse/": RUNS,
    "/arbeitsbereich/beschluesse/neu/": RUNS,
    "/arbeitsbereich/berichte/": RUNS,
}


@pytest.mark.parametrize("address", PAGES)
def test_who_gets_in(client_of, users, measure, address):
    keys = {
        "number": measure.number,
        "question": QuestionFactory(measure=measure, forwarded=True).pk,
        "milestone": MeasureMilestoneFactory(measure=measure).pk,
    }
    path = address.format(**keys)
    assert {role for role, user in users.items() if client_of(user).get(path).status_code == 200} == PAGES[address]


@pytest.mark.parametrize("role", ROLES)
def test_who_takes_a_file_away(client_of, users, measure, role):
    attachment = AttachmentFactory(measure=measure)
    address = f"/arbeitsbereich/massnahmen/{measure.number}/anlagen/{attachment.pk}/loeschen/"
    browser = client_of(users[role])
    assert browser.get(address).status_code in {302, 403, 404, 405}
    assert Attachment.objects.exists()
    browser.post(address)
    assert Attachment.objects.exists() == (role not in RUNS | {"lead_contact"})


@pytest.mark.parametrize("role", ROLES)
def test_who_follows_a_measure(client_of, users, measure, role):
    client_of(users[role]).post(f"/folgen/massnahme/{measure.pk}/", {"follow": "on"})
    assert Following.objects.of(measure).exists() == (role != "anonymous")
