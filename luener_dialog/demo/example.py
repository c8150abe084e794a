"""The example layer: an invented continuation of the record up to today, marked as example.

Rows are loaded like the record's, with dates relative to the day of loading. What happened to them is walked through
the services with the moment at which it happened, so that their trace and history are true to the story.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed
from post_office.models import Email

from conferences.models import Conference, Debate
from dialog.models import (
    Body,
    Declaration,
    Membership,
    Organization,
    Person,
    Recommendation,
    Signature,
    StandingItem,
    User,
)
from dialog.services import assignments, declarations, memberships, numbers, steps
from measures.models import CouncilReport, GroupStatement, Measure, MeasureMilestone, ReportText, ResolutionPoint
from measures.services import editions, measures, progress, report_cycle, report_texts, reports, statements

from . import around_measures, dates, meetings, record
from .files import Entry, read
from .sections import CONFERENCE, INDICATORS, MEASURE_MILESTONE, ORGANIZATIONS, PROGRAMME, RECORD, Section
from .telling import find_row, moment, number, optional_text, row_of

FOLDER = Path(__file__).parent / "example"

#: For all demo accounts; the demo shows it to whoever starts it.
PASSWORD = "Lippe-2026-Dialog"  # noqa: S105

#: A report's way after its cut-off, by month and day.
COLLECTED = (11, 2)
FROZEN = (12, 1)
HANDED_OVER = (12, 4)
NOTED = (12, 10)
FIRST_REPORT = 2009
#: When the record's history begins in the demo: after its last event, before the example's first.
RECORDED_ON = dt.date(2009, 2, 2)


def _numbered(prefix: str, date: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda values: {"number": numbers.give(prefix, values[date].year)}


def _of_the_record(name: str, **changes: Any) -> Section:
    """A section of the record without the public number, which the portal gives."""
    section = next(section for section in RECORD if section.name == name)
    fields = {name: attribute for name, attribute in section.fields.items() if attribute != "number"}
    return replace(section, **{"fields": fields, **changes})


MILESTONE = {**MEASURE_MILESTONE, "erreicht_am": "done_on"}
#: What an example's measure and point say besides what the record's do.
MEASURE = {
    **_of_the_record("maßnahmen").fields,
    "berichtsabstand": "interval",
    "kosten": "budget",
    "ausgegeben": "spent",
    "geld_öffentlich": "money_public",
}
POINT = next(part for part in _of_the_record("beschlüsse").parts if part.name == "punkte")

ROWS = (
    _of_the_record("ortsteile"),
    ORGANIZATIONS,
    _of_the_record("personen"),
    Section(
        "konferenzen",
        Conference,
        {name: attribute for name, attribute in CONFERENCE.items() if attribute not in {"title", "kind"}},
        parts=(PROGRAMME,),
        derive=lambda values: {
            "slug": str(values["date"].year),
            "title": _("Jahreskonferenz %(year)d") % {"year": values["date"].year},
        },
    ),
    Section(
        "ständige_punkte",
        StandingItem,
        {"gremium": "body", "stelle": "place", "titel": "title", "art": "kind", "dauer": "duration"},
        within="body",
        ordered=True,
    ),
    _of_the_record("empfehlungen", derive=_numbered("E", "date"), dated_by="date"),
    _of_the_record(
        "beschlüsse",
        fields={**_of_the_record("beschlüsse").fields, "abstimmung": "vote"},
        parts=(
            replace(
                POINT,
                fields={**POINT.fields, "zu_erledigen_bis": "due_on"},
                dated_by="resolution.adopted_on",
            ),
        ),
        dated_by="adopted_on",
    ),
    _of_the_record(
        "maßnahmen",
        fields=MEASURE,
        parts=(Section("meilensteine", MeasureMilestone, MILESTONE, within="measure", ordered=True),),
        derive=_numbered("M", "last_news_on"),
        dated_by="last_news_on",
    ),
    Section("meilensteine", MeasureMilestone, {"maßnahme": "measure", **MILESTONE}, within="measure", ordered=True),
    INDICATORS,
)


def load(folder: Path = FOLDER, *, now: dt.datetime) -> None:
    """Loads the example layer as of `now`, all or nothing; the record must be there. RecordError as `record.load`.

    Mails that the services write on the way are not sent: what they tell happened long ago.
    """
    with translation.override("de"), transaction.atomic():
        files = read(folder)
        stories = {name: files.pop(name, []) for name in (*STORIES, *AFTER_THE_REPORT)}
        record.load_entries(files, now=now, sections=ROWS, is_example=True)
        _tell(STORIES, stories, now)
        _hand_over_report(timezone.localdate(now).year - 1)
        _tell(AFTER_THE_REPORT, stories, now)
        _under_consultation(now)
        Email.objects.filter(to__in=User.objects.filter(person__is_example=True).values("email")).delete()


def _tell(kinds: dict[str, "Story"], stories: dict[str, list[Entry]], now: dt.datetime) -> None:
    for name, (tell, required, optional) in kinds.items():
        for entry in stories[name]:
            entry.check_names(required, optional)
            with _pointing_at(entry):
                tell(entry, now)


@contextmanager
def _pointing_at(entry: Entry) -> Iterator[None]:
    """Says which entry it was when a service refuses."""
    try:
        yield
    except ValidationError as error:
        raise entry.error(" ".join(error.messages)) from None
    except (TransitionNotAllowed, ValueError) as error:
        raise entry.error(str(error)) from None


# ── what happened ───────────────────────────────────────────────────────────────────────────────────────


def _account(entry: Entry, now: dt.datetime) -> None:
    """An account with a confirmed address; without `anmelden_als` nobody knows a password for it."""
    password = PASSWORD if "anmelden_als" in entry else None
    mail = entry.text("mail")
    if "betrieb" in entry:
        user = User.objects.create_superuser(mail, password)
    else:
        user = User.objects.create_user(mail, password)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if "person" in entry:
        person = find_row(entry, "person", Person)
        person.user = user
        person.save()


def _membership(entry: Entry, now: dt.datetime) -> None:
    """Entered by the planning group, or asked for and accepted, declined or still waiting."""
    body, person = find_row(entry, "gremium", Body), find_row(entry, "person", Person)
    organization = find_row(entry, "institution", Organization) if "institution" in entry else None
    name_public = "name_darf_genannt_werden" in entry and entry.yes("name_darf_genannt_werden")
    if "beantragt" not in entry:
        since = moment(entry, "seit", now)
        memberships.enter(
            body,
            person,
            role=entry.choice("rolle", Membership.Role.choices),
            starts_on=timezone.localdate(since),
            organization=organization,
            name_public=name_public,
            is_example=True,
            at=since,
        )
        return
    membership = memberships.request(
        body,
        by=person.user,
        at=moment(entry, "beantragt", now),
        message=optional_text(entry, "nachricht"),
        organization=organization,
        name_public=name_public,
    )
    if "seit" in entry:
        memberships.accept(membership, by=None, at=moment(entry, "seit", now))
    elif "abgelehnt" in entry:
        memberships.decline(membership, by=None, reason=entry.text("grund"), at=moment(entry, "abgelehnt", now))


def _signature(entry: Entry, now: dt.datetime) -> None:
    """An institution under a declaration: entered by the planning group, or asked for and still waiting."""
    declaration = find_row(entry, "erklärung", Declaration)
    organization = find_row(entry, "institution", Organization)
    if "beantragt" in entry:
        declarations.request(
            declaration,
            organization=organization,
            by=find_row(entry, "person", Person).user,
            at=moment(entry, "beantragt", now),
            message=optional_text(entry, "nachricht"),
        )
    else:
        since = timezone.localdate(moment(entry, "seit", now))
        Signature.objects.create(declaration=declaration, organization=organization, signed_on=since, is_example=True)


def _seat(entry: Entry, now: dt.datetime) -> None:
    """How many places a line of a body's composition has, and who holds them; what is left over is vacant."""
    body = find_row(entry, "gremium", Body)
    seat = body.seats.get(name=entry.text("sitz"))
    seat.places = int(entry.text("plätze"))
    seat.save()
    for key in entry.texts("personen") if "personen" in entry else []:
        membership = body.memberships.active().get(person=row_of(entry, "personen", key, Person))
        memberships.change(
            membership,
            role=membership.role,
            organization=membership.organization,
            seat=seat,
            by=None,
            at=moment(entry, "seit", now),
        )


def _closed(entry: Entry, now: dt.datetime) -> None:
    """A group that takes nobody for the time being, and why."""
    body = find_row(entry, "gremium", Body)
    body.is_open, body.closed_reason = False, entry.text("grund")
    body.save()


def _quorum(entry: Entry, now: dt.datetime) -> None:
    """From how many percent of its members on a body can decide."""
    body = find_row(entry, "gremium", Body)
    body.quorum_percent = number(entry, "prozent")
    body.full_clean()
    body.save()


def _contact(entry: Entry, now: dt.datetime) -> None:
    find_row(entry, "maßnahme", Measure).contacts.add(find_row(entry, "person", Person))


STEPS = {
    Recommendation: {
        "vorgestellt": "present",
        "angenommen": "adopt",
        "aufgegriffen": "take_up",
        "umgesetzt": "complete",
        "nicht weiterverfolgt": "reject",
    },
    ResolutionPoint: {"in Umsetzung": "begin", "laufend": "make_ongoing", "erledigt": "complete"},
}


def _recommendation_step(entry: Entry, now: dt.datetime) -> None:
    row = find_row(entry, "empfehlung", Recommendation)
    if "was_daraus_wurde" in entry:
        row.outcome = entry.text("was_daraus_wurde")
    _take(entry, row, now)


def _measure_step(entry: Entry, now: dt.datetime) -> None:
    """Decided, by the council or by whom `durch` names."""
    if entry.text("schritt") != "beschlossen":
        raise entry.error(_("Möglich sind: %s.") % "beschlossen", "schritt")
    measure, at = find_row(entry, "maßnahme", Measure), moment(entry, "am", now)
    steps.date_history(measure, at=at)
    measures.decide(measure, by=None, at=at, decided_by=optional_text(entry, "durch"))


def _measure_end(entry: Entry, now: dt.datetime) -> None:
    """Stopped for a `grund`, or gone into another measure."""
    measure, at = find_row(entry, "maßnahme", Measure), moment(entry, "am", now)
    steps.date_history(measure, at=at)
    if "aufgegangen_in" in entry:
        measures.merge(measure, into=find_row(entry, "aufgegangen_in", Measure), by=None, at=at)
    else:
        measures.stop(measure, by=None, at=at, reason=optional_text(entry, "grund"))


def _point(entry: Entry, now: dt.datetime) -> None:
    """What is noted to a point of a resolution, with or without a step."""
    point = find_row(entry, "punkt", ResolutionPoint)
    point.note = entry.text("bemerkung")
    point.late_reason = optional_text(entry, "verspätet_weil")
    point.next_review_on = dates.day(entry.part("nächste_überprüfung"), now) if "nächste_überprüfung" in entry else None
    if "schritt" in entry:
        _take(entry, point, now)
    else:
        steps.date_history(point, at=moment(entry, "am", now))
        point.save()


def _take(entry: Entry, row: Any, now: dt.datetime) -> None:
    ways = STEPS[type(row)]
    if entry.text("schritt") not in ways:
        raise entry.error(_("Möglich sind: %s.") % ", ".join(ways), "schritt")
    way, at = ways[entry.text("schritt")], moment(entry, "am", now)
    steps.date_history(row, at=at)
    said: dict[str, Any] = {"reason": entry.text("grund")} if "grund" in entry else {}
    if isinstance(row, ResolutionPoint) and way == "complete":
        said["on"] = timezone.localdate(at)
    steps.take(row, way, by=None, at=at, **said)


def _debate(entry: Entry, now: dt.datetime) -> None:
    Debate.objects.create(
        conference=find_row(entry, "konferenz", Conference),
        recommendation=find_row(entry, "empfehlung", Recommendation),
        outcome=entry.choice("ergebnis", Debate.Outcome.choices),
        note=optional_text(entry, "anmerkung"),
        is_example=True,
    )


def _conference_task(entry: Entry, now: dt.datetime) -> None:
    """A task that a conference gave on its day."""
    conference = find_row(entry, "konferenz", Conference)
    assignments.give(
        find_row(entry, "gremium", Body),
        title=entry.text("titel"),
        by=None,
        at=dates.noon(conference.date),
        assignee=find_row(entry, "zuständig", Person),
        due_on=dates.day(entry.part("bis"), now),
        occasion=conference,
        is_example=True,
    )


def _news(entry: Entry, now: dt.datetime) -> None:
    measure, at = find_row(entry, "maßnahme", Measure), moment(entry, "vom", now)
    steps.date_history(measure, at=at)
    progress.publish(
        measure,
        by=None,
        on=timezone.localdate(at),
        at=at,
        text=entry.text("text"),
        status=entry.choice("stand", Measure.State.choices),
        progress=int(entry.text("fortschritt")),
        outlook=optional_text(entry, "ausblick"),
        is_example=True,
    )


def _statement(entry: Entry, now: dt.datetime) -> None:
    """A working group's word on the report of last year; `beschlossen_am` is month and day of that year."""
    year = timezone.localdate(now).year - 1
    on = dt.date.fromisoformat(f"{year}-{entry.text('beschlossen_am')}")
    _speak(entry, _consulted(year), on, at=dates.noon(on))


def _current_statement(entry: Entry, now: dt.datetime) -> None:
    """A working group's word on the report of this year, given today."""
    _speak(entry, _under_consultation(now), timezone.localdate(now), at=now)


def _speak(entry: Entry, report: CouncilReport, on: dt.date, *, at: dt.datetime) -> None:
    statements.give(
        report,
        find_row(entry, "gremium", Body),
        position=entry.choice("haltung", GroupStatement.Position.choices),
        text=optional_text(entry, "text"),
        tasks=optional_text(entry, "aufgaben"),
        decided_on=on,
        by=None,
        at=at,
        is_example=True,
    )


def _report_text(entry: Entry, now: dt.datetime) -> None:
    """A text that people wrote for the report of last year."""
    report = _report(timezone.localdate(now).year - 1)
    kind = entry.choice("art", ReportText.Kind.choices)
    at = _day_in(report.year, COLLECTED)
    report_texts.save(report, kind, text=entry.text("text"), version=0, by=None, at=at)


# ── the reports ─────────────────────────────────────────────────────────────────────────────────────────


def _day_in(year: int, day: tuple[int, int]) -> dt.datetime:
    return dates.noon(dt.date(year, *day))


def _report(year: int) -> CouncilReport:
    """The example's report of `year`, opened when its cut-off is over."""
    report = reports.open_report(year, by=None, at=_day_in(year, COLLECTED))
    if not report.is_example:
        report.is_example = True
        report.save()
    return report


def _consulted(year: int) -> CouncilReport:
    """The report of `year` before the groups, until the last day of November."""
    report, at = _report(year), _day_in(year, COLLECTED)
    if report.state == CouncilReport.State.OPENED:
        _put_before_the_groups(report, until=dt.date(year, 11, 30), at=at)
    return report


def _put_before_the_groups(report: CouncilReport, *, until: dt.date, at: dt.datetime) -> None:
    report_cycle.gather(report, updates_until=timezone.localdate(at), by=None, at=at)
    reports.make(report, by=None, at=at)
    report_cycle.consult(report, consultation_until=until, by=None, at=at)


def _hand_over_report(year: int) -> CouncilReport:
    """All the way to the council, once."""
    report = _consulted(year)
    if report.state == CouncilReport.State.CONSULTATION:
        editions.freeze(report, by=None, at=_day_in(year, FROZEN))
        report_cycle.approve(report, by=None, at=_day_in(year, FROZEN))
        report_cycle.hand_over(
            report,
            paper_number=f"VL-154/{year}",
            council_on=dt.date(year, *NOTED),
            by=None,
            at=_day_in(year, HANDED_OVER),
        )
    return report


def _note_report(year: int) -> None:
    report = _hand_over_report(year)
    report_cycle.note(
        report,
        noted_on=dt.date(year, *NOTED),
        outcome=CouncilReport.Outcome.TAKEN_NOTE,
        vote="",
        by=None,
        at=_day_in(year, NOTED),
    )


def _under_consultation(now: dt.datetime) -> CouncilReport:
    """The report of this year, with a cut-off of its own so that it is before the groups on any day of the year."""
    today = timezone.localdate(now)
    new_year = dates.noon(dt.date(today.year, 1, 1)).replace(hour=0)
    opened = max(now - dt.timedelta(days=6), new_year)
    report = reports.open_report(today.year, by=None, at=opened)
    if report.state == CouncilReport.State.OPENED:
        report.is_example = True
        report_cycle.plan(
            report,
            cutoff_planned=min(reports.cutoff_of(today.year), today - dt.timedelta(days=10)),
            updates_until=None,
            consultation_until=None,
            council_on=today + dt.timedelta(days=31),
            by=None,
            at=opened,
        )
        _put_before_the_groups(report, until=today + dt.timedelta(days=14), at=opened)
    return report


# ── all of it ───────────────────────────────────────────────────────────────────────────────────────────

#: Who tells the entries of a section, the fields they must have, and those they may have.
Story = tuple[Callable[[Entry, dt.datetime], None], Sequence[str], Sequence[str]]

#: What an office may say of a point besides its note.
POINT_SAYS = ["nächste_überprüfung", "verspätet_weil"]

#: Told in this order.
STORIES: dict[str, Story] = {
    "konten": (_account, ["mail"], ["person", "betrieb", "anmelden_als", "hinweis"]),
    "mitgliedschaften": (
        _membership,
        ["gremium", "person"],
        [
            "rolle",
            "seit",
            "institution",
            "name_darf_genannt_werden",
            "beantragt",
            "nachricht",
            "abgelehnt",
            "grund",
        ],
    ),
    "beitritte": (_signature, ["erklärung", "institution"], ["seit", "person", "beantragt", "nachricht"]),
    "sitze": (_seat, ["gremium", "sitz", "plätze"], ["personen", "seit"]),
    "aufnahmepausen": (_closed, ["gremium", "grund"], []),
    "beschlussfähigkeit": (_quorum, ["gremium", "prozent"], []),
    "ansprechpersonen": (_contact, ["maßnahme", "person"], []),
    "sitzungen": (meetings.tell_meeting, *meetings.MEETING),
    "niederschriften": (meetings.tell_minutes, *meetings.MINUTES),
    "empfehlungsschritte": (_recommendation_step, ["empfehlung", "schritt", "am"], ["grund", "was_daraus_wurde"]),
    "maßnahmenschritte": (_measure_step, ["maßnahme", "schritt", "am"], ["durch"]),
    "punktschritte": (_point, ["punkt", "schritt", "am", "bemerkung"], POINT_SAYS),
    "beratungen": (_debate, ["konferenz", "empfehlung", "ergebnis"], ["anmerkung"]),
    "konferenzaufträge": (_conference_task, ["konferenz", "gremium", "titel", "zuständig", "bis"], []),
    "sachstände": (_news, ["maßnahme", "vom", "stand", "fortschritt", "text"], ["ausblick"]),
    "maßnahmenenden": (_measure_end, ["maßnahme", "am"], ["grund", "aufgegangen_in"]),
    "berichtstexte": (_report_text, ["art", "text"], []),
    "stellungnahmen": (_statement, ["gremium", "haltung", "beschlossen_am"], ["text", "aufgaben"]),
}
#: What last year's report could not know, and would tell: it reads the points' notes as they are.
AFTER_THE_REPORT: dict[str, Story] = {
    "beschlusspunkte": (_point, ["punkt", "am", "bemerkung"], ["schritt", *POINT_SAYS]),
    "laufende_stellungnahmen": (_current_statement, ["gremium", "haltung"], ["text", "aufgaben"]),
    "bilder": (around_measures.tell_picture, *around_measures.PICTURE),
    "tabellen": (around_measures.tell_table, *around_measures.TABLE),
    "fragen": (around_measures.tell_question, *around_measures.QUESTION),
    "verfolgungen": (around_measures.tell_following, *around_measures.FOLLOWING),
}


def load_demo(*, now: dt.datetime) -> bool:
    """Record, report of the first year, example layer with two more reports; False if they are there.

    RecordError as `load`.
    """
    if Person.objects.filter(is_example=True).exists():
        return False
    record.load(now=dates.noon(RECORDED_ON))
    # Before the example, which moves on what this report tells as it stood in 2009.
    with translation.override("de"), transaction.atomic():
        _note_report(FIRST_REPORT)
    load(now=now)
    return True
