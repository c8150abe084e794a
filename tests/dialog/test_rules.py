"""The role table of the ground floor: who may do what, and who reads what. Every permission has a line."""

import pytest

from dialog.models import (
    AgendaItem,
    Document,
    JobRun,
    Meeting,
    Membership,
    Minutes,
    Person,
    Recommendation,
    Step,
    Task,
)
from dialog.rules import PERMISSIONS
from dialog.services import memberships, steps
from tests.conftest import ROLES
from tests.factories import (
    AgendaItemFactory,
    BarrierReportFactory,
    BodyFactory,
    DeclarationFactory,
    DocumentFactory,
    GroupMailFactory,
    JobRunFactory,
    MeetingFactory,
    MemberImportFactory,
    MembershipFactory,
    MinutesFactory,
    PersonFactory,
    RecommendationFactory,
    SignatureFactory,
    TaskFactory,
    berlin,
)

ALL = set(ROLES)
RUNS = {"planner", "operator"}
INSIDE = {"member", "chair", *RUNS}

#: Permission → (what it is asked about, who has it).
MAY = {
    "dialog.enter_workspace": ("group", RUNS | {"chair"}),
    "dialog.lead_body": ("group", RUNS | {"chair"}),
    "dialog.request_membership": ("group", {"citizen", "planner", "lead_contact", "operator"}),
    "dialog.decide_membership": ("request", RUNS | {"chair"}),
    "dialog.own_membership": ("request", {"applicant", "operator"}),
    "dialog.end_membership": ("request", RUNS),
    "dialog.change_membership": ("request", RUNS),
    "dialog.invite_member": ("group", RUNS | {"chair"}),
    "dialog.list_members": ("group", RUNS | {"chair"}),
    "dialog.write_to_members": ("group", RUNS | {"chair"}),
    "dialog.manage_people": ("group", RUNS),
    "dialog.open_body": ("group", RUNS),
    "dialog.add_organization": ("group", RUNS),
    "dialog.follow": ("group", ALL - {"anonymous"}),
    "dialog.request_signature": ("group", ALL - {"anonymous"}),
    "dialog.decide_signature": ("group", RUNS),
    "dialog.run_meeting": ("meeting", RUNS),
    "dialog.write_minutes": ("minutes", RUNS),
    "dialog.correct_minutes": ("minutes", INSIDE),
    "dialog.approve_minutes": ("minutes", {"chair", "operator"}),
    "dialog.publish_minutes": ("minutes", RUNS),
    "dialog.run_recommendation": ("recommendation", RUNS),
    "dialog.finish_task": ("task", RUNS | {"chair", "citizen"}),
    "dialog.add_document": ("group", RUNS | {"chair"}),
    "dialog.restart_job": ("job", RUNS),
    "dialog.edit_pages": ("group", RUNS),
    "dialog.answer_barrier": ("barrier", RUNS),
}


@pytest.fixture
def rows(users, working_group):
    meeting = MeetingFactory(body=working_group, is_public=False)
    return {
        "group": working_group,
        "request": working_group.memberships.get(state="requested"),
        "meeting": meeting,
        "minutes": MinutesFactory(meeting=meeting),
        "recommendation": RecommendationFactory(body=working_group, state="drafted"),
        "task": TaskFactory(body=working_group, assignee=users["citizen"].person),
        "job": JobRunFactory(),
        "declaration": DeclarationFactory(),
        "signature": SignatureFactory(requested=True),
        "membership": working_group.memberships.get(person__user=users["member"]),
        "mail": GroupMailFactory(body=working_group),
        "import": MemberImportFactory(body=working_group),
        "person": users["citizen"].person,
        "paper": PersonFactory(),
        "barrier": BarrierReportFactory(),
    }


def test_every_permission_has_a_line():
    assert set(MAY) == set(PERMISSIONS)


@pytest.mark.parametrize("permission", MAY)
def test_who_may(users, rows, permission):
    name, expected = MAY[permission]
    assert {role for role, user in users.items() if user.has_perm(permission, rows[name])} == expected


@pytest.mark.parametrize("permission", MAY)
def test_nothing_is_granted_without_a_row_but_to_those_who_run_the_process(users, permission):
    granted = {role for role, user in users.items() if user.has_perm(permission)}
    others = {
        "dialog.enter_workspace": {"chair"},
        "dialog.lead_body": {"chair"},
        "dialog.request_signature": ALL - {"anonymous"},
        "dialog.follow": ALL - {"anonymous"},
    }
    assert granted <= RUNS | others.get(permission, set())


def test_a_minute_taker_writes_the_minutes_of_their_body_only(working_group):
    taker = MembershipFactory(body=working_group, role="minute_taker", person__with_account=True).person.user
    own = MinutesFactory(meeting__body=working_group)
    assert taker.has_perm("dialog.write_minutes", own)
    assert not taker.has_perm("dialog.write_minutes", MinutesFactory())
    assert not taker.has_perm("dialog.approve_minutes", own)


def test_what_one_may_do_ends_with_the_membership(chair, working_group):
    request = MembershipFactory(body=working_group, requested=True)
    assert chair.has_perm("dialog.decide_membership", request)
    own = working_group.memberships.get(person__user=chair)
    memberships.leave(own, by=chair, at=berlin(2026, 3, 2))
    again = type(chair).objects.get(pk=chair.pk)
    assert not again.has_perm("dialog.decide_membership", request)
    assert not again.has_perm("dialog.enter_workspace")


def test_the_list_of_requests_is_the_permission(users, working_group):
    MembershipFactory(requested=True)
    for role, user in users.items():
        if user.is_authenticated:
            listed = set(Membership.objects.to_decide(user))
            allowed = {row for row in Membership.objects.requested() if user.has_perm("dialog.decide_membership", row)}
            assert listed == allowed, role


def readers(users, queryset) -> dict[str, int]:
    return {role: queryset.visible_to(user).count() for role, user in users.items()}


def only(roles: set[str]) -> dict[str, int]:
    return {role: int(role in roles) for role in ROLES}


def test_meetings(users, working_group):
    MeetingFactory(body=working_group, is_public=False)
    assert readers(users, Meeting.objects) == only(INSIDE)


def test_agenda_items_of_a_public_meeting(users, working_group):
    meeting = MeetingFactory(body=working_group, is_public=True)
    AgendaItemFactory(meeting=meeting, is_public=False)
    assert readers(users, AgendaItem.objects) == only(INSIDE)


def test_a_public_agenda_item_of_a_closed_meeting(users, working_group):
    AgendaItemFactory(meeting=MeetingFactory(body=working_group, is_public=False), is_public=True)
    assert readers(users, AgendaItem.objects) == only(INSIDE)


@pytest.mark.parametrize(
    ("state", "is_public", "expected"),
    [
        ("draft", True, RUNS),
        ("in_review", True, INSIDE),
        ("approved", True, INSIDE),
        ("published", True, ALL),
        ("published", False, INSIDE),
    ],
)
def test_minutes(users, working_group, state, is_public, expected):
    published = {"published_at": berlin(2026, 3, 2)} if state == "published" else {"published_at": None}
    meeting = MeetingFactory(body=working_group, is_public=is_public)
    MinutesFactory(meeting=meeting, state=state, **published)
    assert readers(users, Minutes.objects) == only(expected)


def test_recommendations_in_draft(users, working_group):
    RecommendationFactory(body=working_group, state="drafted")
    assert readers(users, Recommendation.objects) == only(INSIDE)


def test_tasks(users, working_group):
    TaskFactory(body=working_group)
    assert readers(users, Task.objects) == only(INSIDE)


def test_a_task_is_seen_by_whoever_has_to_do_it(users, citizen):
    TaskFactory(body=BodyFactory(), assignee=citizen.person)
    assert readers(users, Task.objects) == only({"citizen", *RUNS})


def test_documents_of_a_body(users, working_group):
    DocumentFactory(body=working_group, is_public=False)
    assert readers(users, Document.objects) == only(INSIDE)


def test_a_member_without_consent_is_seen_by_the_group(users, working_group):
    secret = MembershipFactory(body=working_group, name_public=False)
    seen = {role for role, user in users.items() if secret in Membership.objects.visible_to(user)}
    assert seen == INSIDE


def test_a_member_who_agreed_and_an_office_holder_are_seen_by_all(users, working_group):
    agreed = MembershipFactory(body=working_group, name_public=True)
    official = MembershipFactory(body=working_group, person=PersonFactory(office_public=True))
    for user in users.values():
        assert {agreed, official} <= set(Membership.objects.visible_to(user))


def test_a_request_is_seen_by_the_applicant_and_who_decides(users, working_group):
    request = working_group.memberships.get(state="requested")
    seen = {role for role, user in users.items() if request in Membership.objects.visible_to(user)}
    assert seen == {"applicant", "chair", *RUNS}


def test_past_members_are_seen_by_who_leads(users, working_group):
    past = MembershipFactory(
        body=working_group,
        state="ended",
        starts_on=berlin(2020, 1, 1).date(),
        ends_on=berlin(2021, 1, 1).date(),
        name_public=True,
    )
    seen = {role for role, user in users.items() if past in Membership.objects.visible_to(user)}
    assert seen == {"chair", *RUNS}


def test_people(users, citizen):
    secret = PersonFactory(office_public=False)
    official = PersonFactory(office_public=True)
    assert {role for role, user in users.items() if secret in Person.objects.visible_to(user)} == RUNS
    assert {role for role, user in users.items() if official in Person.objects.visible_to(user)} == ALL
    assert citizen.person in Person.objects.visible_to(citizen)


def test_traces_and_jobs(users, working_group):
    steps.record(working_group.memberships.first(), "request", by=None, at=berlin(2026, 3, 2))
    JobRunFactory(owner=users["chair"])
    assert readers(users, Step.objects) == only(RUNS)
    assert readers(users, JobRun.objects) == only({"chair", *RUNS})


#: Address → who gets in (everyone else is turned away or sent to sign in).
PAGES = {
    "/konto/": ALL - {"anonymous"},
    "/arbeitsbereich/": RUNS | {"chair"},
    "/arbeitsbereich/antraege/": RUNS | {"chair"},
    "/arbeitsbereich/antraege/{request}/": RUNS | {"chair"},
    "/arbeitsbereich/dokumente/": RUNS | {"chair"},
    "/arbeitsbereich/seiten/": RUNS,
    "/arbeitsbereich/seiten/impressum/": RUNS,
    "/arbeitsbereich/barrieren/": RUNS,
    "/arbeitsbereich/barrieren/{barrier}/": RUNS,
    "/leichte-sprache/": ALL,
    "/barrierefreiheit/": ALL,
    "/barriere-melden/": ALL,
    "/arbeitsbereich/sitzungen/": RUNS,
    "/arbeitsbereich/sitzungen/neu/": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/bearbeiten/": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/absagen/": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/tagesordnung/": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/einladung/": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/einladung.pdf": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/anwesenheit/": RUNS,
    "/arbeitsbereich/sitzungen/{meeting}/anwesenheitsliste.pdf": RUNS,
    "/arbeitsbereich/gremien/wohnen-und-quartier/staendige-punkte/": RUNS,
    "/gremien/wohnen-und-quartier/mitmachen/": ALL - {"anonymous"},
    "/stammdaten/": {"operator"},
    "/institutionen/": ALL,
    "/konto/nachrichten/": ALL - {"anonymous"},
    "/erklaerungen/{declaration}/beitreten/": ALL - {"anonymous"},
    "/mitgliedschaften/{membership}/beenden/": {"member"},
    "/mitgliedschaften/{request}/zurueckziehen/": {"applicant"},
    "/arbeitsbereich/mitglieder/": RUNS | {"chair"},
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/": RUNS | {"chair"},
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/liste.csv": RUNS | {"chair"},
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/liste.xlsx": RUNS | {"chair"},
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/liste.pdf": RUNS | {"chair"},
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/einladen/": RUNS | {"chair"},
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/schreiben/": RUNS | {"chair"},
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/eintragen/": RUNS,
    "/arbeitsbereich/mitglieder/wohnen-und-quartier/import/": RUNS,
    "/arbeitsbereich/mitgliedschaften/{membership}/": RUNS,
    "/arbeitsbereich/nachrichten/{mail}/": RUNS | {"chair"},
    "/arbeitsbereich/importe/{import}/": RUNS,
    "/arbeitsbereich/personen/": RUNS,
    "/arbeitsbereich/personen/{person}/": RUNS,
    "/arbeitsbereich/personen/doppelt/": RUNS,
    "/arbeitsbereich/personen/doppelt/{paper}/{person}/": RUNS,
    "/arbeitsbereich/institutionen/": RUNS,
    "/arbeitsbereich/institutionen/neu/": RUNS,
    "/arbeitsbereich/beitritte/": RUNS,
    "/arbeitsbereich/beitritte/{signature}/": RUNS,
}


@pytest.mark.parametrize("address", PAGES)
def test_who_gets_in(client_of, users, rows, address):
    path = address.format_map({name: getattr(row, "slug", row.pk) for name, row in rows.items()})
    assert {role for role, user in users.items() if client_of(user).get(path).status_code == 200} == PAGES[address]


def test_without_the_second_factor_the_planning_group_stays_outside(client_of, planner, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    planner.authenticator_set.all().delete()
    response = client_of(planner).get("/arbeitsbereich/")
    assert (response.status_code, response["Location"]) == (302, "/konto/zweiter-faktor/app/")
    assert client_of(planner).get("/").status_code == 302
