"""The report's way through the year: from its opening to the day on which the council takes note of it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Body, Person, Step, User
from dialog.services import steps
from measures.models import CouncilReport, GroupStatement, Measure, ReportEdition, ReportText
from measures.services import editions, report_mails, reports, statements

State = CouncilReport.State


def plan(
    report: CouncilReport,
    *,
    cutoff_planned: dt.date | None,
    updates_until: dt.date | None,
    consultation_until: dt.date | None,
    council_on: dt.date | None,
    by: User | None,
    at: dt.datetime,
) -> None:
    """Sets the dates of a report that is not handed over yet. PermissionDenied, or ValidationError in words."""
    if by is not None and not by.has_perm("measures.make_report", report):
        raise PermissionDenied
    if report.is_published:
        raise ValidationError(_("Der Rat hat den Bericht schon. Seine Termine bleiben, wie sie sind."))
    if report.state == State.CONSULTATION and consultation_until is None:
        raise ValidationError({"consultation_until": _("Während der Abstimmung braucht es eine Frist.")})
    cutoff = cutoff_planned or reports.cutoff_of(report.year)
    if not report.is_draft and cutoff != reports.planned_cutoff(report):
        raise ValidationError({"cutoff_planned": _("Der Bericht ist festgestellt; sein Stichtag bleibt.")})
    if cutoff < report.period_start:
        raise ValidationError({"cutoff_planned": _("Der Stichtag liegt vor dem Beginn des Berichtszeitraums.")})
    if consultation_until and consultation_until <= cutoff:
        raise ValidationError({"consultation_until": _("Die Frist muss nach dem Stichtag enden.")})
    if council_on and consultation_until and council_on <= consultation_until:
        raise ValidationError({"council_on": _("Der Rat tagt nach dem Ende der Frist für Stellungnahmen.")})
    report.cutoff_planned = None if cutoff == reports.cutoff_of(report.year) else cutoff
    if report.is_draft:
        report.cutoff = min(cutoff, timezone.localdate(at))
    report.updates_until, report.consultation_until = updates_until, consultation_until
    report.council_on = council_on
    report.save()


def gather(report: CouncilReport, *, updates_until: dt.date, by: User | None, at: dt.datetime) -> None:
    """Asks the leads for updates, each with one mail. Errors as `steps.take`; ValidationError for a past day."""
    _must_come(updates_until, "updates_until", at)
    with transaction.atomic():
        steps.take(report, "gather", by=by, at=at, updates_until=updates_until)
        report_mails.ask_for_updates(report, at=at)


def consult(report: CouncilReport, *, consultation_until: dt.date, by: User | None, at: dt.datetime) -> None:
    """Puts the draft before the groups. ValidationError without a draft made after the cut-off; as `steps.take`."""
    _must_come(consultation_until, "consultation_until", at)
    if report.document is None:
        raise ValidationError(_("Der Entwurf ist noch nicht erstellt."))
    if reports.is_provisional(report) or report.content.get("provisional"):
        raise ValidationError(
            _("Der Entwurf ist ein Zwischenstand. Erstellen Sie ihn nach dem Stichtag neu und legen Sie ihn dann vor.")
        )
    with transaction.atomic():
        steps.take(report, "consult", by=by, at=at, consultation_until=consultation_until)
        report_mails.ask_for_statements(report, at=at)


def approve(report: CouncilReport, *, by: User | None, at: dt.datetime) -> None:
    """The steering group's lead approves the frozen report. Errors as `steps.take`."""
    steps.take(report, "approve", by=by, at=at)


def hand_over(
    report: CouncilReport, *, paper_number: str, council_on: dt.date | None, by: User | None, at: dt.datetime
) -> None:
    """Gives the report to the council, and so to everyone, with a mail. Errors as `steps.take`; ValidationError."""
    edition = editions.newest(report)
    if edition is None:
        raise ValidationError(_("Der Bericht ist noch nicht festgestellt."))
    if not paper_number.strip():
        raise ValidationError({"paper_number": _("Bitte tragen Sie die Nummer der Vorlage ein.")})
    with transaction.atomic():
        steps.take(
            report,
            "hand_over",
            by=by,
            at=at,
            note=paper_number,
            published_at=at,
            paper_number=paper_number.strip(),
            council_on=council_on,
        )
        editions.publish(edition, at=at)
        report_mails.tell_the_council(edition, at=at)


def note(
    report: CouncilReport, *, noted_on: dt.date, outcome: str, vote: str, by: User | None, at: dt.datetime
) -> None:
    """Records what the council did with the report. Errors as `steps.take`; ValidationError for an impossible day."""
    if noted_on > timezone.localdate(at):
        raise ValidationError({"noted_on": _("Dieser Tag liegt in der Zukunft.")})
    if report.published_at and noted_on < timezone.localdate(report.published_at):
        raise ValidationError({"noted_on": _("An diesem Tag hatte der Rat den Bericht noch nicht.")})
    steps.take(report, "note", by=by, at=at, note=vote, noted_on=noted_on, outcome=outcome, vote=vote)


def go_back(report: CouncilReport, *, reason: str, by: User | None, at: dt.datetime) -> None:
    """One step back, with a reason that is kept. Errors as `steps.take`; ValidationError without a reason.

    What was frozen stays as an edition that nobody was given; freezing again makes the next one.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Bitte schreiben Sie, warum der Bericht einen Schritt zurückgeht.")})
    steps.take(report, "go_back", by=by, at=at, note=reason.strip())


def remind(at: dt.datetime) -> int:
    """Reminds of what is due on all reports under way; nobody twice of one thing. Returns how many mails went out."""
    today, told = timezone.localdate(at), 0
    waiting = [State.COLLECTING, State.CONSULTATION, State.FROZEN]
    under_way = CouncilReport.objects.filter(state__in=waiting).defer("content")
    for report in under_way:
        if report.state == State.COLLECTING and _is_close(report.updates_until, today):
            told += report_mails.remind_of_updates(report, at=at)
        if report.state == State.CONSULTATION and _is_close(report.consultation_until, today):
            told += report_mails.remind_of_statements(report, at=at)
        if report.state == State.CONSULTATION and not report.takes_statements_on(today):
            told += report_mails.tell_consultation_is_over(report, at=at)
        if report.state == State.FROZEN and (edition := _waiting_long(report, today)):
            told += report_mails.remind_of_approval(edition, at=at)
    return told


def _is_close(deadline: dt.date | None, today: dt.date) -> bool:
    return deadline is not None and deadline - report_mails.REMINDED <= today <= deadline


def _waiting_long(report: CouncilReport, today: dt.date) -> ReportEdition | None:
    """The edition whose approval was asked for long enough ago to remind of it."""
    edition = editions.newest(report)
    return edition if edition and timezone.localdate(edition.frozen_at) + report_mails.REMINDED <= today else None


def _must_come(day: dt.date, field: str, at: dt.datetime) -> None:
    if day < timezone.localdate(at):
        raise ValidationError({field: _("Dieser Tag ist schon vorbei.")})


# ── what is done and what is missing ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Stage:
    """One stretch of the way: done, now or ahead, and when it was reached."""

    label: str
    is_done: bool
    is_now: bool
    reached_at: dt.datetime | None


@dataclass(frozen=True)
class Word:
    """A group consulted and its word, or None for its silence."""

    body: Body
    statement: GroupStatement | None


def stages(report: CouncilReport) -> list[Stage]:
    """The whole way with the day each state was last reached."""
    reached = dict(Step.objects.of(report).values_list("to_state", "at"))
    states = list(State)
    now = states.index(State(report.state))
    return [
        Stage(str(state.label), place < now, place == now, reached.get(state.value) if place <= now else None)
        for place, state in enumerate(states)
    ]


def words(report: CouncilReport, user: Any) -> list[Word]:
    """Every group consulted with its word, as far as `user` may read it."""
    given = {row.body_id: row for row in GroupStatement.objects.visible_to(user).filter(report=report)}
    return [Word(body, given.get(body.pk)) for body in statements.consulted(report)]


def without_news(report: CouncilReport) -> Any:
    """The unfinished measures that nothing was heard of in the report's period."""
    rows = Measure.objects.filter(state__in=Measure.UNFINISHED, last_news_on__lt=report.period_start)
    return rows.select_related("lead").order_by("last_news_on", "number")


def without_contact() -> Any:
    """The unfinished measures that nobody can be asked for news of by mail."""
    reached = Measure.contacts.through.objects.filter(
        measure=OuterRef("pk"), person__in=Person.objects.with_mail_address()
    )
    rows = Measure.objects.filter(~Exists(reached), state__in=Measure.UNFINISHED)
    return rows.select_related("lead").order_by("number")


def texts(report: CouncilReport) -> list[ReportText]:
    """The texts that people write, each whether begun or not."""
    found = {row.kind: row for row in report.texts.all()}
    return [found.get(kind) or ReportText(report=report, kind=kind) for kind in ReportText.Kind.values]
