"""Every page of the address map, looked at on a phone and a desk, and opened by each role that may.

A new page without a line here fails `test_every_page_has_a_line`.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Page
from post_office.models import Email

from conferences.models import Conference
from dialog.models import (
    AgendaItem,
    Attendance,
    BarrierReport,
    Body,
    Correction,
    Declaration,
    FieldOfAction,
    JobRun,
    Meeting,
    MemberImport,
    Membership,
    Minutes,
    MinutesEntry,
    Organization,
    Person,
    Recommendation,
    Signature,
    Task,
    User,
)
from dialog.models.people import led_body_ids
from dialog.services import barriers, jobs, member_lists, minutes_review
from dialog.services.meeting_invitations import answer_path
from dialog.services.preferences import unsubscribe_address
from measures.models import (
    CouncilReport,
    Indicator,
    Measure,
    MeasureMilestone,
    Question,
    Resolution,
    ResolutionPoint,
    TableImport,
)
from measures.services import questions, transfer
from tests.browser.conftest import ACCOUNTS
from tests.browser.looks import DESK, PHONE, ask, axe, look_at, skip_link, walk


def first(queryset: object, *fields: str) -> list[object]:
    row = queryset.first()  # type: ignore[attr-defined]
    assert row is not None, f"the demo has no {queryset.model.__name__}"  # type: ignore[attr-defined]
    return [getattr(row, field) for field in fields]


def of_others(queryset: QuerySet, body: str = "body") -> QuerySet:
    """Rows of bodies to which only the planning group has a say among the demo's accounts, whatever ran before."""
    belonging = Membership.objects.active().filter(person__user__email__in=[ACCOUNTS["chair"], ACCOUNTS["citizen"]])
    return queryset.exclude(**{f"{body}__in": belonging.values("body")})


def planned_meeting() -> list[object]:
    return first(of_others(Meeting.objects.filter(state="planned")), "pk")


def minutes_in(state: str, *fields: str) -> list[object]:
    return first(of_others(Minutes.objects.filter(state=state), "meeting__body"), *fields)


def proposed_correction() -> list[object]:
    return first(of_others(Correction.objects.filter(state="proposed"), "minutes__meeting__body"), "pk")


def item_to_come() -> list[object]:
    items = of_others(AgendaItem.objects.filter(meeting__state="planned"), "meeting__body")
    return first(items, "meeting_id", "pk")


def entry_in(state: str) -> list[object]:
    """A part of minutes, by the arguments of its addresses."""
    entries = of_others(MinutesEntry.objects.filter(minutes__state=state), "minutes__meeting__body")
    return first(entries, "minutes_id", "agenda_item_id")


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
    "measures_overview": list,
    "measure_map": list,
    "indicators": list,
    "indicator": lambda: first(Indicator.objects.filter(values__isnull=False), "slug"),
    "measure_changes": lambda: ["M-2008-003"],
    "question_ask": lambda: ["M-2008-003"],
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
    "barrier_reported": list,
    "report_barrier": list,
    "easy_language": list,
    "help": list,
    "contact": list,
    "counting": list,
    "question_confirm": lambda: unconfirmed_question(),
    "unsubscribe": lambda: from_a_mail(unsubscribe_address(Person.objects.exclude(user=None)[0], "papers")),
    "meeting_answer": lambda: from_a_mail(
        answer_path(Attendance.objects.filter(meeting__state="planned").exclude(invited_at=None)[0])
    ),
    "minutes_review": lambda: from_a_mail(minutes_review.path(read_by_a_guest())),
    "account_login": list,
    "account_request_login_code": list,
    "account_signup": list,
    "account_reset_password": list,
    "account_inactive": list,
    "account_reset_password_done": list,
    "account_reset_password_from_key_done": list,
}


def reported_barrier() -> BarrierReport:
    """Reported where nobody has reported one before."""
    if barrier := BarrierReport.objects.first():
        return barrier
    return barriers.report(text="Der Vorleser nennt die Karte nicht.", at=timezone.now())


def milestone() -> list[object]:
    row = MeasureMilestone.objects.select_related("measure").first()
    assert row is not None, "the demo has no MeasureMilestone"
    return [row.measure.number, row.pk]


def read_by_a_guest() -> minutes_review.Access:
    minutes = Minutes.objects.filter(state="in_review")[0]
    return minutes_review.Access(minutes, person=Person.objects.filter(attendances__meeting=minutes.meeting)[0])


def from_a_mail(address: str) -> list[object]:
    """The token of a link."""
    return [urlsplit(address).path.rstrip("/").rpartition("/")[2]]


def unconfirmed_question() -> list[object]:
    before = set(Email.objects.values_list("pk", flat=True))
    questions.ask(
        Measure.objects.get(number="M-2008-003"),
        name="Uwe Unbestätigt",
        email="uwe@example.com",
        text="Wann ist das Fest?",
        name_public=False,
        by=None,
        at=timezone.now(),
    )
    mail = Email.objects.exclude(pk__in=before).get()
    return from_a_mail(re.search(r"https?://\S+/fragen/\S+/", mail.message)[0])  # type: ignore[index]


def planner() -> User:
    return User.objects.get(email=ACCOUNTS["planner"])


def checked_members() -> list[object]:
    """A list of members with one row that fits and one that does not, looked through."""
    rows = [";".join(member_lists.COLUMNS), "Lina Liste;lina@example.com", "Ohne Adresse;keine-adresse"]
    body, file = Body.objects.joinable()[0], SimpleUploadedFile("liste.csv", "\n".join(rows).encode())
    jobs.run(member_lists.upload(body, file, by=planner(), at=timezone.now()).pk)
    return first(MemberImport.objects.order_by("-pk"), "pk")


def checked_table() -> list[object]:
    """A table with one row that cannot be, looked through."""
    columns = [name for name, _what in transfer.explain("updates")]
    file = SimpleUploadedFile("tabelle.csv", "\n".join([";".join(columns), "M-2008-003;gestern"]).encode())
    jobs.run(transfer.upload("updates", file, by=planner(), at=timezone.now()).pk)
    return first(TableImport.objects.order_by("-pk"), "pk")


def written_mail() -> list[object]:
    body, now = Body.objects.joinable()[0], timezone.now()
    return [member_lists.write(body, subject="Zur Sitzung", text="Wir sehen uns.", by=planner(), at=now).pk]


def asked_question() -> Question:
    """Asked where nobody has asked one before."""
    if question := Question.objects.exclude(state="unconfirmed").first():
        return question
    question = questions.ask(
        Measure.objects.get(number="M-2008-003"),
        name="Frieda Frage",
        email="frieda@example.com",
        text="Wann beginnt der Umbau am Markt?",
        name_public=False,
        by=None,
        at=timezone.now(),
    )
    questions.confirm(question, at=timezone.now())
    return question


#: The report that is before the groups.
CONSULTED = CouncilReport.objects.filter(state="consultation")

#: For those who are signed in: address name → (role, arguments).
INSIDE: dict[str, tuple[str, Callable[[], list[object]]]] = {
    "account_page": ("citizen", list),
    "account_email": ("citizen", list),
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
    "consents": ("citizen", list),
    "own_data": ("citizen", list),
    "close_account": ("citizen", list),
    "usersessions_list": ("citizen", list),
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
    "workspace_membership": ("planner", lambda: first(of_others(Membership.objects.active()), "pk")),
    "workspace_persons": ("planner", list),
    "workspace_person": ("planner", lambda: first(Person.objects, "pk")),
    "workspace_merges": ("planner", list),
    "workspace_merge": (
        "planner",
        lambda: [*first(Person.objects.filter(user=None), "pk"), *first(Person.objects.exclude(user=None), "pk")],
    ),
    "workspace_organizations": ("planner", list),
    "workspace_enter_organization": ("planner", list),
    "workspace_signatures": ("planner", list),
    "workspace_signature": ("planner", lambda: first(Signature.objects.requested(), "pk")),
    "workspace_member_import": ("planner", lambda: checked_members()),
    "workspace_table_import": ("planner", lambda: checked_table()),
    "workspace_group_mail": ("planner", lambda: written_mail()),
    "workspace_minutes_answer": ("planner", proposed_correction),
    "workspace_requests": ("planner", list),
    "workspace_request": ("planner", lambda: first(of_others(Membership.objects.requested()), "pk")),
    "workspace_documents": ("planner", list),
    "workspace_pages": ("planner", list),
    "workspace_page": ("operator", lambda: ["impressum"]),
    "workspace_barriers": ("planner", list),
    "workspace_barrier": ("planner", lambda: [reported_barrier().pk]),
    "workspace_minutes": ("planner", list),
    "workspace_minutes_write": ("planner", lambda: minutes_in("draft", "pk")),
    "workspace_minutes_rectify": ("planner", lambda: minutes_in("published", "pk")),
    "workspace_minutes_step": ("planner", lambda: [*minutes_in("approved", "pk"), "veroeffentlichung"]),
    "workspace_minutes_text": ("planner", lambda: entry_in("draft")),
    "workspace_minutes_versions": ("planner", lambda: entry_in("draft")),
    "workspace_minutes_add": ("planner", lambda: [*entry_in("draft"), "beschluss"]),
    "workspace_minutes_correct": ("planner", lambda: entry_in("in_review")),
    "workspace_tasks": ("planner", list),
    "workspace_conferences": ("planner", list),
    "workspace_conference": ("planner", lambda: first(Conference.objects.filter(kind="annual"), "slug")),
    "workspace_task_finish": ("planner", lambda: first(of_others(Task.objects.open()), "pk")),
    "workspace_meetings": ("planner", list),
    "workspace_meeting_new": ("planner", list),
    "workspace_standing_items": ("planner", lambda: first(Body.objects.joinable(), "slug")),
    **dict.fromkeys(PREPARING, ("planner", planned_meeting)),
    "workspace_agenda_item": ("planner", item_to_come),
    "workspace_measures": ("lead_contact", list),
    "workspace_progress": (
        "lead_contact",
        lambda: first(Measure.objects.filter(contacts__user__email="fachamt@example.org"), "number"),
    ),
    "workspace_milestones": ("planner", lambda: ["M-2008-003"]),
    "workspace_milestone": ("planner", milestone),
    "workspace_attachments": ("planner", lambda: ["M-2008-003"]),
    "workspace_questions": ("planner", list),
    "workspace_question": ("planner", lambda: [asked_question().pk]),
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
    "account_reauthenticate": ("citizen", list),
    "job": ("planner", lambda: first(JobRun.objects, "pk")),
}

SIGNED_IN = {*ACCOUNTS} - {"anonymous"}
RUNS = {"planner", "operator"}
LEADS = RUNS | {"chair"}

#: Who else opens a page inside, by the role that looks at it above.
LIKE = {
    "citizen": SIGNED_IN,
    "chair": LEADS,
    "lead_contact": RUNS | {"lead_contact"},
    "planner": RUNS,
    "operator": RUNS,
}

#: Pages inside that others open than LIKE says.
WHO: dict[str, set[str]] = {
    "join_body": SIGNED_IN,
    "membership_leave": {"chair"},
    "membership_withdraw": {"citizen"},
    "report_statement": {"chair", "operator"},
    "workspace": LEADS,
    "workspace_bodies": LEADS,
    "workspace_documents": LEADS,
    "workspace_requests": LEADS,
    "workspace_minutes": SIGNED_IN,
    "workspace_tasks": SIGNED_IN,
    "workspace_measures": LEADS | {"lead_contact"},
    "workspace_questions": RUNS | {"lead_contact"},
    **dict.fromkeys(("workspace_milestones", "workspace_milestone", "workspace_attachments"), RUNS | {"lead_contact"}),
}

#: Addresses without a page of their own, and why.
NO_PAGE = {
    "body_invitation": "leads on only with the token of a mail; walked by its tests",
    "workspace_members_file": "a file",
    "workspace_invitation_revoke": "takes a POST",
    "workspace_merge_undo": "takes a POST",
    "restore_page": "takes a POST",
    "language": "takes a POST",
    "follow": "takes a POST",
    "workspace_attachment_remove": "takes a POST",
    "own_data_file": "a file",
    "healthz": "for machines",
    "robots": "for machines",
    "sitemaps": "for machines",
    "sitemap": "for machines",
    "portal_picture": "a picture",
    "share_picture": "a picture",
    "readyz": "for machines",
    "document": "a file",
    "report_pdf": "a file",
    "report_data": "a file",
    "measures_file": "a file",
    "measure_places": "the points of the map, for its script",
    "report_part": "a file",
    "calendar": "a file",
    "body_calendar": "a file",
    "meeting_calendar": "a file",
    "workspace_meeting_invitation_pdf": "a file",
    "workspace_attendance_list": "a file",
    "workspace_meeting_hold": "takes a POST",
    "workspace_agenda_move": "takes a POST",
    "workspace_agenda_carry_over": "takes a POST",
    "document_without_name": "leads to the file",
    "job_restart": "takes a POST",
    "workspace_table_file": "a file",
    "workspace_progress_draft": "answers to the form of news",
    "workspace_progress_give_back": "takes a POST",
    "membership_name_public": "takes a POST",
    "workspace_minutes_start": "takes a POST",
    "workspace_minutes_now": "for the script of the minutes",
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
    "account_email_verification_sent",
    "account_confirm_login_code",
    "account_reset_password_from_key",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_page(open_as, name):
    assert look_at(open_as(), reverse(name, args=PUBLIC[name]())) == []


def test_the_measures_as_a_table(open_as):
    assert look_at(open_as(), reverse("measures") + "?ansicht=tabelle") == []


@pytest.mark.parametrize("name", INSIDE)
def test_a_page_for_those_who_are_signed_in(open_as, name):
    role, arguments = INSIDE[name]
    assert look_at(open_as(role), reverse(name, args=arguments())) == []


def test_the_page_for_a_first_password(open_as):
    """It opens for those alone who sign in by a code in a mail."""
    account = User.objects.filter(email=ACCOUNTS["citizen"])
    password = account.get().password
    account.update(password=make_password(None))
    wrong = look_at(open_as("citizen"), reverse("account_set_password"))
    account.update(password=password)
    assert wrong == []


def opens(page: Page, address: str) -> bool:
    """Whether the page itself is shown, and not the way to sign in or a refusal."""
    response = page.goto(address)
    assert response is not None
    return response.status == 200 and urlsplit(response.url).path == address


def for_role(role: str) -> set[str]:
    """The pages that open for a role; those of signing in lead on whoever is signed in."""
    public = {name for name in PUBLIC if role == "anonymous" or not name.startswith("account_")}
    return public | {name for name, (looking, _arguments) in INSIDE.items() if role in WHO.get(name, LIKE[looking])}


@pytest.mark.parametrize("role", ACCOUNTS)
def test_each_role_opens_its_pages_and_no_others_without_script(open_as, role):
    page = open_as(role, width=PHONE, script=False)
    opened, wrong = set(), {}
    for name in [*(for_role(role) & PUBLIC.keys()), *INSIDE]:
        arguments = PUBLIC[name] if name in PUBLIC else INSIDE[name][1]
        if opens(page, reverse(name, args=arguments())):
            opened.add(name)
            wrong[name] = ask(page, "frame", "width")
    assert opened == for_role(role)
    assert {name: lines for name, lines in wrong.items() if lines} == {}


@pytest.mark.parametrize("role", sorted(SIGNED_IN))
def test_nothing_bars_the_way_of_other_roles(open_as, role):
    """Pages that `look_at` sees with the eyes of another role."""
    page = open_as(role, width=PHONE)
    wrong = {}
    for name in for_role(role):
        looking, arguments = INSIDE[name] if name in INSIDE else ("anonymous", PUBLIC[name])
        if looking != role:
            page.goto(reverse(name, args=arguments()))
            wrong[name] = axe(page)
    assert {name: lines for name, lines in wrong.items() if lines} == {}


@pytest.mark.parametrize("name", ["home", "measures", "indicator", "meetings_month", "report"])
def test_the_dark_pages_pass_too(open_as, name):
    page = open_as()
    page.emulate_media(color_scheme="dark")
    page.goto(reverse(name, args=PUBLIC[name]()))
    assert axe(page) == []


def test_the_page_of_a_wrong_address_passes_too(open_as):
    page = open_as(width=PHONE)
    page.goto("/gibt-es-nicht/")
    assert [*ask(page, "frame", "width", "order"), *axe(page), *skip_link(page), *walk(page)] == []


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "409", "413", "429", "500", "503"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_other_pages_of_what_goes_wrong_pass_too(open_as, code, width):
    request = RequestFactory().get("/irgendwo/")
    request.user = AnonymousUser()
    body = render_to_string(f"{code}.html", {"limit": 20}, request)
    page = open_as(width=width)
    page.route("**/irgendwo/", lambda route: route.fulfill(status=200, content_type="text/html", body=body))
    page.goto("/irgendwo/")
    assert [*ask(page, "frame", "width", "order"), *axe(page), *skip_link(page), *walk(page)] == []


def test_a_reader_gets_no_cookie_and_nothing_from_elsewhere(open_as, portal):
    page = open_as()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ("home", "measures", "measure", "search", "report"):
        page.goto(reverse(name, args=PUBLIC[name]()))
    assert page.context.cookies() == []
    assert [url for url in asked if not url.startswith((portal.url, "data:"))] == []
