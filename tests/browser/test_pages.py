"""Every page of the address map: for each role that may open it, on a phone and a desk, with axe.

A new page without a line here fails `test_every_page_has_a_line`.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page

from conferences.models import Conference
from dialog.models import (
    AgendaItem,
    Body,
    Declaration,
    FieldOfAction,
    JobRun,
    Meeting,
    Membership,
    Minutes,
    MinutesEntry,
    Organization,
    Person,
    Recommendation,
    Task,
    User,
)
from dialog.models.people import led_body_ids
from measures.models import CouncilReport, Measure, Resolution, ResolutionPoint

AXE = (Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def first(queryset: object, *fields: str) -> list[object]:
    row = queryset.first()  # type: ignore[attr-defined]
    assert row is not None, f"the demo has no {queryset.model.__name__}"  # type: ignore[attr-defined]
    return [getattr(row, field) for field in fields]


def planned_meeting() -> list[object]:
    return first(Meeting.objects.filter(state="planned"), "pk")


#: Pages on which a planned meeting is prepared.
PREPARING = (
    "workspace_meeting",
    "workspace_meeting_edit",
    "workspace_meeting_cancel",
    "workspace_agenda",
    "workspace_meeting_invitation",
    "workspace_attendance",
)

#: Address name → the arguments of one page with that name.
PUBLIC: dict[str, Callable[[], list[object]]] = {
    "home": list,
    "search": list,
    "measures": list,
    "measure": lambda: first(Measure.objects.filter(number="M-2008-003"), "number", "slug"),
    "fields_of_action": list,
    "field_of_action": lambda: first(FieldOfAction.objects, "slug"),
    "resolutions": list,
    "resolution": lambda: first(Resolution.objects.order_by("-adopted_on"), "slug"),
    "agreements": list,
    "reports": list,
    "report": lambda: first(CouncilReport.objects.published(), "year"),
    "report_edition": lambda: [*first(CouncilReport.objects.published(), "year"), 1],
    "report_comparison": lambda: [*first(CouncilReport.objects.published(), "year"), 2009],
    "conferences": list,
    "conference": lambda: first(Conference.objects.filter(kind="annual"), "slug"),
    "working_groups": list,
    "bodies": list,
    "body": lambda: first(Body.objects.joinable(), "slug"),
    "join": list,
    "meetings": list,
    "meetings_month": list,
    "meeting": lambda: first(Meeting.objects.filter(is_public=True), "pk"),
    "minutes": lambda: first(Minutes.objects.filter(state="published", meeting__is_public=True), "meeting_id"),
    "processes": list,
    "recommendations": list,
    "recommendation": lambda: first(Recommendation.objects.exclude(state="drafted"), "number", "slug"),
    "organizations": list,
    "organization": lambda: first(Organization.objects, "slug"),
    "declarations": list,
    "declaration": lambda: first(Declaration.objects, "slug"),
    "imprint": list,
    "privacy": list,
    "accessibility": list,
    "contact": list,
    "counting": list,
    "account_login": list,
    "account_request_login_code": list,
    "account_signup": list,
    "account_reset_password": list,
    "account_inactive": list,
}

#: Parts of minutes that may still be written.
DRAFTED = MinutesEntry.objects.filter(minutes__state="draft")

#: The report that is before the groups.
CONSULTED = CouncilReport.objects.filter(state="consultation")

#: For those who are signed in: address name → (role, arguments).
INSIDE: dict[str, tuple[str, Callable[[], list[object]]]] = {
    "account_page": ("citizen", list),
    "account_email": ("citizen", list),
    "account_set_password": ("citizen", list),
    "account_change_password": ("citizen", list),
    "account_logout": ("citizen", list),
    "mfa_index": ("citizen", list),
    "join_body": ("lead_contact", lambda: first(Body.objects.joinable(), "slug")),
    "membership_leave": (
        "chair",
        lambda: first(Membership.objects.active().filter(person__user__email="leitung@example.org"), "pk"),
    ),
    "membership_withdraw": (
        "citizen",
        lambda: first(Membership.objects.requested().filter(person__user__email="buergerin@example.org"), "pk"),
    ),
    "workspace": ("planner", list),
    "mail_preferences": ("citizen", list),
    "declaration_sign": ("citizen", lambda: first(Declaration.objects, "slug")),
    "workspace_bodies": ("planner", list),
    "workspace_members": (
        "chair",
        lambda: first(Body.objects.filter(pk__in=led_body_ids(User.objects.get(email="leitung@example.org"))), "slug"),
    ),
    "workspace_enter_member": ("planner", lambda: first(Body.objects.joinable(), "slug")),
    "workspace_invite": ("planner", lambda: first(Body.objects.joinable(), "slug")),
    "workspace_import": ("planner", lambda: first(Body.objects.joinable(), "slug")),
    "workspace_write": ("planner", lambda: first(Body.objects.joinable(), "slug")),
    "workspace_membership": ("planner", lambda: first(Membership.objects.active(), "pk")),
    "workspace_persons": ("planner", list),
    "workspace_person": ("planner", lambda: first(Person.objects, "pk")),
    "workspace_merges": ("planner", list),
    "workspace_merge": (
        "planner",
        lambda: [*first(Person.objects.filter(user=None), "pk"), *first(Person.objects.exclude(user=None), "pk")],
    ),
    "workspace_organizations": ("planner", list),
    "workspace_signatures": ("planner", list),
    "workspace_requests": ("planner", list),
    "workspace_request": ("planner", lambda: first(Membership.objects.requested(), "pk")),
    "workspace_documents": ("planner", list),
    "workspace_minutes": ("planner", list),
    "workspace_minutes_write": ("planner", lambda: first(Minutes.objects.filter(state="draft"), "pk")),
    "workspace_minutes_rectify": ("planner", lambda: first(Minutes.objects.filter(state="published"), "pk")),
    "workspace_minutes_step": (
        "planner",
        lambda: [*first(Minutes.objects.filter(state="approved"), "pk"), "veroeffentlichung"],
    ),
    "workspace_minutes_text": ("planner", lambda: first(DRAFTED, "minutes_id", "agenda_item_id")),
    "workspace_minutes_versions": ("planner", lambda: first(DRAFTED, "minutes_id", "agenda_item_id")),
    "workspace_minutes_add": ("planner", lambda: [*first(DRAFTED, "minutes_id", "agenda_item_id"), "beschluss"]),
    "workspace_minutes_correct": (
        "planner",
        lambda: first(
            MinutesEntry.objects.filter(minutes__state="in_review"),
            "minutes_id",
            "agenda_item_id",
        ),
    ),
    "workspace_tasks": ("planner", list),
    "workspace_task_finish": ("planner", lambda: first(Task.objects.open(), "pk")),
    "workspace_meetings": ("planner", list),
    "workspace_meeting_new": ("planner", list),
    "workspace_standing_items": ("planner", lambda: first(Body.objects.joinable(), "slug")),
    **dict.fromkeys(PREPARING, ("planner", planned_meeting)),
    "workspace_agenda_item": (
        "planner",
        lambda: first(AgendaItem.objects.filter(meeting__state="planned"), "meeting_id", "pk"),
    ),
    "workspace_measures": ("lead_contact", list),
    "workspace_progress": (
        "lead_contact",
        lambda: first(Measure.objects.filter(contacts__user__email="fachamt@example.org"), "number"),
    ),
    "workspace_all_measures": ("planner", list),
    "workspace_measure_new": ("planner", list),
    "workspace_measure": ("planner", lambda: first(Measure.objects.filter(state="in_progress"), "number")),
    "workspace_recommendations": ("planner", list),
    "workspace_recommendation_new": ("planner", list),
    "workspace_recommendation": ("planner", lambda: first(Recommendation.objects, "number")),
    "workspace_tables": ("planner", list),
    "workspace_resolutions": ("planner", list),
    "workspace_resolution_new": ("planner", list),
    "workspace_resolution": ("planner", lambda: first(Resolution.objects, "pk")),
    "workspace_point_new": ("planner", lambda: first(Resolution.objects, "pk")),
    "workspace_point_change": ("planner", lambda: first(ResolutionPoint.objects, "pk")),
    "workspace_point": ("planner", lambda: first(ResolutionPoint.objects, "pk")),
    "workspace_reports": ("planner", list),
    "workspace_report": ("planner", lambda: first(CouncilReport.objects, "year")),
    "workspace_report_dates": ("planner", lambda: first(CONSULTED, "year")),
    "workspace_report_text": ("planner", lambda: [*first(CONSULTED, "year"), "foreword"]),
    "workspace_report_step": ("planner", lambda: [*first(CONSULTED, "year"), "freeze"]),
    "report_statement": (
        "chair",
        lambda: [
            *first(CONSULTED, "year"),
            *first(Body.objects.filter(pk__in=led_body_ids(User.objects.get(email="leitung@example.org"))), "slug"),
        ],
    ),
    "job": ("planner", lambda: first(JobRun.objects, "pk")),
}

#: Addresses without a page of their own, and why.
NO_PAGE = {
    "body_invitation": "leads on only with the token of a mail; walked by its tests",
    "workspace_members_file": "a file",
    "workspace_member_import": "needs a file; walked by its tests",
    "workspace_group_mail": "needs a written mail; walked by its tests",
    "workspace_signature": "needs a request; walked by its tests",
    "workspace_invitation_revoke": "takes a POST",
    "workspace_merge_undo": "takes a POST",
    "unsubscribe": "needs a signed token; walked by its tests",
    "healthz": "for machines",
    "readyz": "for machines",
    "document": "a file",
    "report_pdf": "a file",
    "report_data": "a file",
    "calendar": "a file",
    "body_calendar": "a file",
    "meeting_calendar": "a file",
    "workspace_meeting_invitation_pdf": "a file",
    "workspace_attendance_list": "a file",
    "workspace_meeting_hold": "takes a POST",
    "workspace_agenda_move": "takes a POST",
    "workspace_agenda_carry_over": "takes a POST",
    "meeting_answer": "opens by a link from a mail; walked by the journeys",
    "document_without_name": "leads to the file",
    "job_restart": "takes a POST",
    "workspace_table_file": "a file",
    "workspace_table_import": "needs an upload; tests/measures/test_transfer.py opens it",
    "workspace_progress_draft": "answers to the form of news",
    "workspace_progress_give_back": "takes a POST",
    "membership_name_public": "takes a POST",
    "workspace_minutes_start": "takes a POST",
    "workspace_minutes_now": "for the script of the minutes",
    "workspace_minutes_answer": "walked by the journey of the minutes",
    "workspace_decision_take_back": "takes a POST",
    "workspace_task_reopen": "takes a POST",
}


def names(resolver: URLResolver) -> set[str]:
    found: set[str] = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                found |= names(pattern)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found.add(pattern.name)
    return found


@pytest.mark.django_db  # or no database is made when these tests run alone
def test_every_page_has_a_line():
    assert names(get_resolver()) - ACCOUNT_STEPS == {*PUBLIC, *INSIDE, *NO_PAGE}


#: Steps inside signing in and up; they answer only in the middle of it and are walked by the journeys.
ACCOUNT_STEPS = {
    name
    for name in names(get_resolver())
    if name.startswith(("mfa_", "account_")) and name not in PUBLIC and name not in INSIDE
}


def look_at(page: Page, address: str, *, script: bool) -> list[str]:
    """What is wrong with the page at `address`, as lines to read."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    response = page.goto(address)
    assert response is not None
    if response.status != 200:
        return [f"status {response.status}"]
    if not script:
        return wrong
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if width > 0:
        wrong.append(f"scrolls {width} px to the side")
    if (headings := page.locator("h1").count()) != 1:
        wrong.append(f"{headings} h1")
    if page.locator("[style]").count():
        wrong.append("inline style")
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)
    wrong += [
        f"axe {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    return wrong


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page(open_as, name, width):
    page = open_as(width=width)
    assert look_at(page, reverse(name, args=PUBLIC[name]()), script=True) == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", INSIDE)
def test_a_page_for_those_who_are_signed_in(open_as, name, width):
    role, arguments = INSIDE[name]
    assert look_at(open_as(role, width=width), reverse(name, args=arguments()), script=True) == []


def test_all_public_pages_open_without_script(open_as):
    page = open_as(script=False)
    wrong = {name: look_at(page, reverse(name, args=PUBLIC[name]()), script=False) for name in PUBLIC}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


@pytest.mark.parametrize("role", ["citizen", "chair", "lead_contact", "planner", "operator"])
def test_public_pages_open_for_every_role(open_as, role):
    page = open_as(role)
    pages = [name for name in PUBLIC if not name.startswith("account_")]
    wrong = {name: look_at(page, reverse(name, args=PUBLIC[name]()), script=False) for name in pages}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


def test_the_dark_and_the_error_pages_pass_too(open_as):
    page = open_as()
    page.emulate_media(color_scheme="dark")
    assert look_at(page, reverse("home"), script=True) == []
    assert look_at(page, reverse("measures"), script=True) == []
    page.goto("/gibt-es-nicht/")
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)
    assert [violation["id"] for violation in found["violations"]] == []


def test_a_reader_gets_no_cookie_and_nothing_from_elsewhere(open_as, portal):
    page = open_as()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ("home", "measures", "measure", "search", "report"):
        page.goto(reverse(name, args=PUBLIC[name]()))
    assert page.context.cookies() == []
    assert [url for url in asked if not url.startswith((portal.url, "data:"))] == []
