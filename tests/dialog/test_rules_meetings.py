"""The role table of meetings, minutes and tasks: every page and every action, for each role and the minute taker."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dialog.models import (
    AgendaItem,
    Attendance,
    Correction,
    Decision,
    Document,
    Guest,
    JobRun,
    Meeting,
    Minutes,
    MinutesEntry,
    Recommendation,
    Rectification,
    StandingItem,
    Task,
    User,
)
from dialog.services import decisions, meeting_invitations, minutes_content, minutes_review
from tests.conftest import ROLES as USUAL
from tests.dialog.test_documents import PDF
from tests.factories import (
    AgendaItemFactory,
    AttendanceFactory,
    FieldOfActionFactory,
    JobRunFactory,
    MeetingFactory,
    MembershipFactory,
    MinutesEntryFactory,
    MinutesFactory,
    PersonFactory,
    TaskFactory,
    UserFactory,
    berlin,
)

ROLES = (*USUAL, "taker")
ALL = set(ROLES)
SIGNED_IN = ALL - {"anonymous"}
RUNS = {"planner", "operator"}
LEADS = RUNS | {"chair"}
WRITES = RUNS | {"taker"}
INSIDE = {"member", "chair", "taker", *RUNS}

AT = berlin(2026, 3, 2)
JOB = meeting_invitations.JOB


@pytest.fixture
def taker(working_group) -> User:
    """Takes the minutes of the working group."""
    person = PersonFactory(name="Tom Schrift", user=UserFactory(email="tom@example.org"))
    return MembershipFactory(body=working_group, person=person, role="minute_taker").person.user


@pytest.fixture
def users(request) -> dict[str, Any]:
    return {role: request.getfixturevalue(role) for role in ROLES}


@pytest.fixture
def rows(working_group, member, chair, citizen) -> dict[str, Any]:
    """What pages and actions are about: a meeting to come, one that has begun, and minutes in each state."""
    now = timezone.now()
    coming = MeetingFactory(body=working_group, title="Kommende", starts_at=now + dt.timedelta(days=30))
    begun = MeetingFactory(body=working_group, title="Begonnen", starts_at=now - dt.timedelta(hours=1))
    first, second = (AgendaItemFactory(meeting=coming, title=title) for title in ("Erster", "Zweiter"))
    AgendaItem.objects.filter(pk=first.pk).update(position=1)
    AgendaItem.objects.filter(pk=second.pk).update(position=2)
    paper = PersonFactory(name="Paul Papier")
    by_mail = AttendanceFactory(meeting=coming, person=member.person, invited=True)
    AttendanceFactory(meeting=coming, person=paper)
    minutes = {
        name: MinutesFactory(meeting__body=working_group, meeting__held=True, state=name)
        for name in ("draft", "in_review", "approved")
    }
    published = MinutesFactory(meeting__body=working_group, meeting__held=True, published=True)
    corrected = MinutesFactory(meeting__body=working_group, meeting__held=True, state="in_review")
    entries = {name: MinutesEntryFactory(minutes=row).agenda_item for name, row in minutes.items()}
    return {
        **minutes,
        "published": published,
        "published_meeting": published.meeting,
        "review_meeting": minutes["in_review"].meeting,
        "group": working_group,
        "coming": coming,
        "begun": begun,
        "closed": MeetingFactory(body=working_group, is_public=False),
        "second": second,
        "by_mail": by_mail,
        "drafted": entries["draft"],
        "unwritten": AgendaItemFactory(meeting=minutes["draft"].meeting),
        "reviewed": entries["in_review"],
        "decision": decisions.decide(minutes["draft"], entries["draft"], wording="Es bleibt dabei.", by=None, at=AT),
        "correction": Correction.objects.create(
            minutes=corrected,
            agenda_item=AgendaItemFactory(meeting=corrected.meeting),
            text="Es war anders.",
            proposed_by=member,
            proposed_at=AT,
        ),
        "task": TaskFactory(body=working_group, assignee=citizen.person, title="Angebote einholen"),
        "done": TaskFactory(
            body=working_group, assignee=citizen.person, title="Saal bestellen", done_on=dt.date(2009, 5, 1)
        ),
        "job": JobRunFactory(owner=chair, kind=JOB, key="alt", state="failed", error="Abgebrochen.", finished_at=AT),
        "field": FieldOfActionFactory(),
        "answer": meeting_invitations.answer_path(by_mail).split("/")[-2],
        "review": minutes_review.path(minutes_review.Access(minutes["in_review"], person=paper)).split("/")[-2],
        "seen": minutes_content.checksum(minutes["draft"].text),
    }


def path(address: str, rows: dict[str, Any]) -> str:
    return address.format_map({name: getattr(row, "pk", row) for name, row in rows.items()})


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────

MEETING = "/arbeitsbereich/sitzungen/{coming}/"
MINUTES = "/arbeitsbereich/niederschriften/"

#: Address → who gets in. What only those who run meetings see without minutes stands in `test_rules.PAGES`.
PAGES = {
    "/sitzungen/": ALL,
    "/sitzungen/monat/": ALL,
    "/sitzungen/kalender.ics": ALL,
    "/sitzungen/{coming}/": ALL,
    "/sitzungen/{coming}/termin.ics": ALL,
    "/sitzungen/{closed}/": INSIDE,
    "/sitzungen/{closed}/termin.ics": set(),
    "/sitzungen/{published_meeting}/niederschrift/": ALL,
    "/sitzungen/{review_meeting}/niederschrift/": INSIDE,
    # Who holds the token of a mail gets in without signing in.
    "/sitzungen/antwort/{answer}/": ALL,
    "/sitzungen/antwort/falsch/": set(),
    "/sitzungen/durchsicht/{review}/": ALL,
    "/sitzungen/durchsicht/falsch/": set(),
    MEETING: RUNS,
    MEETING + "tagesordnung/{second}/": RUNS,
    MEETING + "anwesenheit/": WRITES,
    MEETING + "anwesenheitsliste.pdf": WRITES,
    MINUTES: INSIDE,
    MINUTES + "{draft}/": WRITES,
    MINUTES + "{in_review}/": INSIDE,
    MINUTES + "{published}/": INSIDE,
    MINUTES + "{draft}/stand/": WRITES,
    MINUTES + "{draft}/{drafted}/": WRITES,
    MINUTES + "{draft}/{drafted}/fassungen/": WRITES,
    MINUTES + "{draft}/{drafted}/beschluss/": WRITES,
    MINUTES + "{draft}/{drafted}/empfehlung/": WRITES,
    MINUTES + "{draft}/{drafted}/auftrag/": WRITES,
    MINUTES + "{in_review}/{reviewed}/korrektur/": INSIDE,
    MINUTES + "{draft}/schritt/durchsicht/": WRITES,
    MINUTES + "{in_review}/schritt/entwurf/": WRITES,
    MINUTES + "{in_review}/schritt/genehmigung/": {"chair", "operator"},
    MINUTES + "{in_review}/schritt/beschluss-der-sitzung/": WRITES,
    MINUTES + "{approved}/schritt/veroeffentlichung/": RUNS,
    MINUTES + "{published}/berichtigung/": RUNS,
    "/arbeitsbereich/korrekturen/{correction}/": WRITES,
    "/arbeitsbereich/auftraege/": SIGNED_IN,
    "/arbeitsbereich/auftraege/{task}/erledigt/": LEADS | {"citizen"},
    "/auftraege/{job}/": LEADS,
}


@pytest.mark.parametrize("address", PAGES)
def test_who_gets_in(client_of, users, rows, address):
    found = {role for role, user in users.items() if client_of(user).get(path(address, rows)).status_code == 200}
    assert found == PAGES[address]


# ── actions ─────────────────────────────────────────────────────────────────────────────────────────────


def exists(model: Any, **values: Any) -> Callable[[dict[str, Any]], bool]:
    return lambda rows: model.objects.filter(**values).exists()


def state(model: Any, name: str, after: str) -> Callable[[dict[str, Any]], bool]:
    """Whether the row `name` is in the state `after`."""
    return lambda rows: model.objects.get(pk=rows[name].pk).state == after


def taken_back(rows: dict[str, Any]) -> bool:
    return not Decision.objects.filter(pk=rows["decision"].pk).exists()


def taken_off(rows: dict[str, Any]) -> bool:
    return not AgendaItem.objects.filter(pk=rows["second"].pk).exists()


def a_paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.pdf", PDF)


WHEN = {"day": "2090-05-04", "begins": "18:00", "ends": "20:00", "place": "Lükaz"}
RULES = {
    "form-TOTAL_FORMS": "1",
    "form-INITIAL_FORMS": "0",
    "form-0-title": "Verschiedenes",
    "form-0-place": "end",
    "form-0-kind": "debate",
    "invitation_days": "14",
    "is_open": "on",
}

#: What is done → (address, what is posted, what then has changed, who can).
ACTIONS: dict[str, tuple[str, dict[str, Any], Callable[[dict[str, Any]], bool], set[str]]] = {
    "plan": (
        "/arbeitsbereich/sitzungen/neu/",
        {**WHEN, "body": "{group}", "every": "0"},
        exists(Meeting, place="Lükaz"),
        RUNS,
    ),
    "move": (MEETING + "bearbeiten/", {**WHEN, "seen": "0"}, exists(Meeting, place="Lükaz"), RUNS),
    "call off": (
        MEETING + "absagen/",
        {"reason": "Der Saal ist gesperrt."},
        state(Meeting, "coming", "cancelled"),
        RUNS,
    ),
    "note that it was held": (
        "/arbeitsbereich/sitzungen/{begun}/durchgefuehrt/",
        {},
        state(Meeting, "begun", "held"),
        RUNS,
    ),
    "add an item": (
        MEETING + "tagesordnung/",
        {"title": "Neues", "kind": "debate"},
        exists(AgendaItem, title="Neues"),
        RUNS,
    ),
    "edit an item": (
        MEETING + "tagesordnung/{second}/",
        {"save": "1", "title": "Anders", "kind": "debate"},
        exists(AgendaItem, title="Anders"),
        RUNS,
    ),
    "take an item off": (MEETING + "tagesordnung/{second}/", {"remove": "1"}, taken_off, RUNS),
    "add a paper to an item": (
        MEETING + "tagesordnung/{second}/",
        {"upload": "1", "title": "Plan", "file": a_paper},
        exists(Document, title="Plan", agenda_item__title="Zweiter"),
        RUNS,
    ),
    "reorder": (
        MEETING + "tagesordnung/{second}/verschieben/",
        {"to": "hoch"},
        exists(AgendaItem, title="Zweiter", position=1),
        RUNS,
    ),
    "carry over": (
        MEETING + "tagesordnung/uebernehmen/",
        {"row": "task:{task}"},
        exists(AgendaItem, title="Angebote einholen"),
        RUNS,
    ),
    "set standing items": (
        "/arbeitsbereich/gremien/wohnen-und-quartier/staendige-punkte/",
        RULES,
        exists(StandingItem, title="Verschiedenes"),
        RUNS,
    ),
    "add a paper of the body": (
        "/arbeitsbereich/dokumente/",
        {"title": "Plan", "body": "{group}", "file": a_paper},
        exists(Document, title="Plan"),
        LEADS,
    ),
    "invite": (MEETING + "einladung/", {}, exists(JobRun, key__startswith=f"{JOB}:"), RUNS),
    "remind": (MEETING + "einladung/", {"remind": "1"}, exists(Attendance, reminded_at__isnull=False), RUNS),
    "note an invitation on paper": (
        MEETING + "einladung/",
        {"noted": "1"},
        exists(Attendance, person__name="Paul Papier", invited_at__isnull=False),
        RUNS,
    ),
    "answer": ("/sitzungen/antwort/{answer}/", {"answer": "yes"}, exists(Attendance, answer="yes"), ALL),
    "note who is there": (
        MEETING + "anwesenheit/",
        {"presence": "1", "member-{by_mail}": "present"},
        exists(Attendance, presence="present"),
        WRITES,
    ),
    "add a guest": (
        MEETING + "anwesenheit/",
        {"guest": "1", "name": "Gabi Gast"},
        exists(Guest, name="Gabi Gast"),
        WRITES,
    ),
    "start minutes": (
        "/arbeitsbereich/sitzungen/{begun}/niederschrift/",
        {},
        exists(Minutes, meeting__title="Begonnen"),
        WRITES,
    ),
    "write the preliminary remark": (
        MINUTES + "{draft}/",
        {"text": "Der Termin war öffentlich.", "seen": "{seen}"},
        exists(Minutes, text="Der Termin war öffentlich."),
        WRITES,
    ),
    "write about an item": (
        MINUTES + "{draft}/{unwritten}/",
        {"text": "<p>Neu geschrieben.</p>", "version": "0"},
        exists(MinutesEntry, text="<p>Neu geschrieben.</p>"),
        WRITES,
    ),
    "note a decision": (
        MINUTES + "{draft}/{drafted}/beschluss/",
        {"wording": "Es wird gebaut.", "unanimous": "on"},
        exists(Decision, wording="Es wird gebaut."),
        WRITES,
    ),
    "take a decision back": ("/arbeitsbereich/beschluesse/{decision}/entfernen/", {}, taken_back, WRITES),
    "note a recommendation": (
        MINUTES + "{draft}/{drafted}/empfehlung/",
        {"title": "Mehr Bänke", "wording": "Es braucht mehr Bänke.", "field": "{field}", "bodies": "{group}"},
        exists(Recommendation, title="Mehr Bänke"),
        WRITES,
    ),
    "give a task": (
        MINUTES + "{draft}/{drafted}/auftrag/",
        {"title": "Bänke zählen"},
        exists(Task, title="Bänke zählen"),
        WRITES,
    ),
    "submit": (
        MINUTES + "{draft}/schritt/durchsicht/",
        {"until": "2090-01-01"},
        state(Minutes, "draft", "in_review"),
        WRITES,
    ),
    "take back from review": (
        MINUTES + "{in_review}/schritt/entwurf/",
        {},
        state(Minutes, "in_review", "draft"),
        WRITES,
    ),
    "propose a correction": (
        MINUTES + "{in_review}/{reviewed}/korrektur/",
        {"text": "Bitte anders."},
        exists(Correction, text="Bitte anders."),
        INSIDE,
    ),
    "propose a correction by link": (
        "/sitzungen/durchsicht/{review}/",
        {"item": "{reviewed}", "text": "Bitte anders."},
        exists(Correction, text="Bitte anders."),
        ALL,
    ),
    "take a correction over": (
        "/arbeitsbereich/korrekturen/{correction}/",
        {"take_over": "1"},
        state(Correction, "correction", "taken_over"),
        WRITES,
    ),
    "decline a correction": (
        "/arbeitsbereich/korrekturen/{correction}/",
        {"decline": "1", "answer": "So war es."},
        state(Correction, "correction", "declined"),
        WRITES,
    ),
    "approve": (
        MINUTES + "{in_review}/schritt/genehmigung/",
        {},
        state(Minutes, "in_review", "approved"),
        {"chair", "operator"},
    ),
    "note the approval of a later meeting": (
        MINUTES + "{in_review}/schritt/beschluss-der-sitzung/",
        {"meeting": "{coming}"},
        state(Minutes, "in_review", "approved"),
        WRITES,
    ),
    "publish": (MINUTES + "{approved}/schritt/veroeffentlichung/", {}, state(Minutes, "approved", "published"), RUNS),
    "rectify": (
        MINUTES + "{published}/berichtigung/",
        {"text": "Es waren neun.", "is_public": "on"},
        exists(Rectification, text="Es waren neun."),
        RUNS,
    ),
    "finish a task": (
        "/arbeitsbereich/auftraege/{task}/erledigt/",
        {"note": "Liegen vor."},
        exists(Task, title="Angebote einholen", done_on__isnull=False),
        LEADS | {"citizen"},
    ),
    "take a task up again": (
        "/arbeitsbereich/auftraege/{done}/offen/",
        {},
        exists(Task, title="Saal bestellen", done_on=None),
        LEADS | {"citizen"},
    ),
    "start a job again": ("/auftraege/{job}/noch-einmal/", {}, exists(JobRun, key="alt", state="waiting"), RUNS),
}


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", ACTIONS)
def test_who_may_do_it(client_of, request, rows, name, who):
    address, data, has_changed, expected = ACTIONS[name]
    user = request.getfixturevalue(who)
    posted = {path(key, rows): value() if callable(value) else path(value, rows) for key, value in data.items()}
    assert not has_changed(rows)
    client_of(user).post(path(address, rows), posted)
    assert has_changed(rows) == (who in expected)
