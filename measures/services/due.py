"""What is due on the council side: news of measures and points, questions, and the report's next step."""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dialog.models import User
from dialog.services.due import LIMIT, Due, Source, register
from measures.models import CouncilReport, Measure, ProgressDraft, Question, ResolutionPoint
from measures.models.measures import QUIET_AFTER

from . import reports, statements

State = CouncilReport.State


def _measures(user: User, now: dt.datetime) -> Iterator[Due]:
    """Unfinished measures without news for over a year, the longest silent first, and news that wait for a look."""
    if user.has_perm("measures.run_measure"):
        waiting = ProgressDraft.objects.visible_to(user).submitted().select_related("measure", "by__person")
        for draft in waiting[: LIMIT + 1]:
            yield Due(
                day=timezone.localdate(draft.submitted_at),
                what=_("Sachstand prüfen"),
                about=draft.measure.title,
                address=reverse("workspace_progress", args=[draft.measure.number]),
                detail=draft.by.get_full_name() if draft.by else "",
                is_example=draft.measure.is_example,
                waits=True,
            )
    today = timezone.localdate(now)
    silent = Measure.objects.updatable_by(user).filter(last_news_on__lt=today - QUIET_AFTER).select_related("lead")
    for measure in silent[: LIMIT + 1]:
        yield Due(
            day=measure.last_news_on + QUIET_AFTER,
            what=_("Sachstand melden"),
            about=measure.title,
            address=reverse("workspace_progress", args=[measure.number]),
            detail=_("%(number)s · %(lead)s · ohne Neuigkeit seit über einem Jahr")
            % {"number": measure.number, "lead": measure.lead},
            is_example=measure.is_example,
        )


def _points(user: User, now: dt.datetime) -> Iterator[Due]:
    """Points of resolutions whose day has passed."""
    today = timezone.localdate(now)
    late = ResolutionPoint.objects.visible_to(user).updatable_by(user).late_on(today).select_related("resolution")
    for point in late[: LIMIT + 1]:
        yield Due(
            day=point.expected_on or today,
            what=_("Stand melden"),
            about=point.title,
            address=reverse("workspace_point", args=[point.pk]),
            detail=str(point.resolution),
            is_example=point.is_example,
        )


def _questions(user: User, now: dt.datetime) -> Iterator[Due]:
    """Questions of citizens: new ones for the planning group, those passed on for the lead."""
    rows = Question.objects.visible_to(user).select_related("measure")
    if user.has_perm("measures.run_question"):
        rows = rows.filter(state=Question.State.RECEIVED).order_by("asked_at", "pk")
    else:
        rows = rows.with_the_lead(user)
    for question in rows[: LIMIT + 1]:
        yield Due(
            day=timezone.localdate(question.asked_at),
            what=_("Antworten"),
            about=Truncator(question.text).chars(80),
            address=question.get_absolute_url(),
            detail=str(question.measure),
            is_example=question.is_example,
            waits=True,
        )


def _reports(user: User, now: dt.datetime) -> Iterator[Due]:
    """The next step of every report that is on its way, and the groups' statements on it."""
    today = timezone.localdate(now)
    for asked in statements.asked_of(user, today=today):
        if asked.statement is None:
            yield Due(
                day=asked.report.consultation_until or today,
                what=_("Stellung nehmen"),
                about=_("Bericht %(year)d, %(body)s") % {"year": asked.report.year, "body": asked.body.full_name},
                address=reverse("report_statement", args=[asked.report.year, asked.body.slug]),
                is_example=asked.report.is_example,
            )
    if not user.has_perm("measures.make_report"):
        return
    on_its_way = CouncilReport.objects.visible_to(user).defer("content").order_by("year")
    known = {report.year: report for report in on_its_way}
    year = reports.year_due(today)
    if year not in known:
        yield Due(
            day=reports.cutoff_of(year),
            what=_("Erstellen"),
            about=_("Bericht %(year)d") % {"year": year},
            address=reverse("workspace_reports"),
            detail=_("Der Stichtag ist vorbei; der Bericht ist noch nicht erstellt."),
        )
    for report in known.values():
        if report.state != State.NOTED:
            yield _report_row(report)


def _report_row(report: CouncilReport) -> Due:
    cutoff = reports.planned_cutoff(report)
    day, what = {
        State.OPENED: (cutoff, _("Sachstände sammeln")),
        State.COLLECTING: (report.updates_until or cutoff, _("Mit den Gruppen abstimmen")),
        State.CONSULTATION: (report.consultation_until or cutoff, _("Feststellen")),
        State.FROZEN: (report.council_on or cutoff, _("Freigabe einholen")),
        State.APPROVED: (report.council_on or cutoff, _("Dem Rat vorlegen")),
        State.HANDED_OVER: (report.council_on or cutoff, _("Behandlung im Rat eintragen")),
    }[State(report.state)]
    return Due(
        day=day,
        what=what,
        about=_("Bericht %(year)d") % {"year": report.year},
        address=reverse("workspace_report", args=[report.year]),
        detail=report.get_state_display(),
        is_example=report.is_example,
    )


register("massnahmen", Source(gettext_lazy("Maßnahmen"), "workspace_measures", _measures))
register("punkte", Source(gettext_lazy("Beschlusspunkte"), "workspace_measures", _points))
register("fragen", Source(gettext_lazy("Fragen zu Maßnahmen"), "workspace_questions", _questions))
register("bericht", Source(gettext_lazy("Bericht an den Rat"), "workspace_reports", _reports))
