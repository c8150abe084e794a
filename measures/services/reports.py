"""The yearly report to the council: opened, collected, set as PDF, checked, stored, published."""

import calendar
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Document, JobRun, User
from dialog.services import documents, jobs, pdf, steps
from measures.models import CouncilReport
from measures.services import report_content

#: No city has reported on a participation process before.
FIRST_YEAR = 1900

#: A missed schedule (the worker was down that day) is made up for within so many days.
LATE_START = dt.timedelta(days=7)


def _day_of(month_day: str, year: int) -> dt.date:
    """The day `MM-DD` of a year; 02-29 is the last of February in any year."""
    month, day = map(int, month_day.split("-"))
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def cutoff_of(year: int) -> dt.date:
    """The last day that the report of `year` tells of (setting `REPORT_CUTOFF`)."""
    return _day_of(settings.REPORT_CUTOFF, year)


def year_due(today: dt.date) -> int:
    """The last year whose cut-off has passed."""
    return today.year if cutoff_of(today.year) < today else today.year - 1


def is_provisional(report: CouncilReport) -> bool:
    """The report stops before its year's cut-off, because that day was still to come."""
    return report.cutoff < cutoff_of(report.year)


def draft(year: int, *, at: dt.datetime) -> CouncilReport:
    """The report of `year`, or one that is not stored. ValidationError for a year that cannot have a report.

    It tells of the days after the cut-off of the year before, up to its own; while that is to come, up to today.
    """
    today = timezone.localdate(at)
    if year > today.year:
        raise ValidationError(
            _("Das Jahr %(year)d liegt in der Zukunft. Ein Bericht ist bis %(last)d möglich."),
            params={"year": year, "last": today.year},
        )
    if year < FIRST_YEAR:
        raise ValidationError(_("Ein Bericht ist für die Jahre ab %(first)d möglich."), params={"first": FIRST_YEAR})
    start, cutoff = cutoff_of(year - 1) + dt.timedelta(days=1), min(cutoff_of(year), today)
    report = CouncilReport.objects.filter(year=year).first()
    if report is None:
        return CouncilReport(year=year, period_start=start, cutoff=cutoff)
    if report.is_draft:
        report.period_start, report.cutoff = start, cutoff
    return report


def open_report(year: int, *, by: User | None, at: dt.datetime) -> CouncilReport:
    """The report of `year`, begun if there is none yet. PermissionDenied, ValidationError as `draft`."""
    if by is not None and not by.has_perm("measures.make_report"):
        raise PermissionDenied
    report = draft(year, at=at)
    if report.pk:
        if report.is_draft:
            report.save(update_fields=["period_start", "cutoff"])
        return report
    with transaction.atomic():
        dates = {"period_start": report.period_start, "cutoff": report.cutoff}
        report, is_new = CouncilReport.objects.get_or_create(year=year, defaults=dates)
        if is_new:
            steps.record(report, "open", by=by, at=at)
    return report


def collect(report: CouncilReport) -> dict[str, Any]:
    """What `report` says, as plain JSON; see `report_content`."""
    return report_content.collect(report, provisional=is_provisional(report))


def render_pdf(content: dict[str, Any], *, at: dt.datetime) -> bytes:
    """The report as PDF; the same content and date give the same bytes."""
    return pdf.render("pdf/report.html", context(content, paper=True), title=content["title"], at=at)


def context(content: dict[str, Any], *, paper: bool) -> dict[str, Any]:
    """What the templates need that show `content` on paper or as a page."""
    return {"content": report_content.with_dates(content), "paper": paper}


def build(report: CouncilReport, *, at: dt.datetime, run: jobs.Run | None = None) -> tuple[dict[str, Any], bytes]:
    """Content and checked PDF of `report`; of a published one what was published. Raises `pdf.Broken`."""
    step = run.step if run else lambda _name: None
    step(_("Die Inhalte werden gesammelt"))
    published = not report.is_draft
    content = report.content if published else collect(report)
    step(_("Das PDF wird gesetzt"))
    made = render_pdf(content, at=(report.generated_at or at) if published else at)
    step(_("Das PDF wird geprüft"))
    pdf.check(made, texts=[measure["title"] for measure in report_content.all_measures(content["fields"])])
    return content, made


def start(year: int, *, by: User | None, at: dt.datetime) -> JobRun:
    """Has the report of `year` made by the worker; a second call finds the open job. Errors as `open_report`."""
    report = open_report(year, by=by, at=at)
    _must_be_draft(report)
    return jobs.start(
        "council_report",
        key=f"council_report:{year}",
        title=_("Jahresbericht %(year)d an den Rat") % {"year": year},
        owner=by,
        parameters={"year": year},
        at=at,
    )


def start_if_due(at: dt.datetime) -> JobRun | None:
    """The yearly start by schedule (setting `REPORT_SCHEDULE`); None if it is not the day or the report is made."""
    if not settings.REPORT_SCHEDULE:
        return None
    today = timezone.localdate(at)
    days = (today - _day_of(settings.REPORT_SCHEDULE, year) for year in (today.year, today.year - 1))
    if not any(dt.timedelta(0) <= since < LATE_START for since in days):
        return None
    year = year_due(today)
    if CouncilReport.objects.filter(year=year, generated_at__isnull=False).exists():
        return None
    return start(year, by=None, at=at)


def make(report: CouncilReport, *, by: User | None, at: dt.datetime, run: jobs.Run | None = None) -> Document:
    """Makes the draft anew: collects, sets, checks and stores it, all or nothing.

    `run` is the job this is done for; it ends together with the storing. Raises ValidationError if the report is
    published, `pdf.Broken` if the PDF is not whole; then what was there before stays.
    """
    _must_be_draft(report)
    if run:
        run.plan(4)
    content, made = build(report, at=at, run=run)
    if run:
        run.step(_("Der Bericht wird abgelegt"))
    with _stored_together(report, run) as kept:
        new = documents.store(
            made,
            filename=f"bericht-{report.year}.pdf",
            title=content["title"],
            content_type="application/pdf",
            is_public=False,
            by=by,
            at=at,
        )
        kept.append(new)
        old, report.document = report.document, new
        report.content, report.generated_at = content, at
        report.save()
        if old:
            old.delete()
            transaction.on_commit(lambda: old.file.storage.delete(str(old.file.name)))
        if run:
            run.job.document = new
    return new


@contextmanager
def _stored_together(report: CouncilReport, run: jobs.Run | None) -> Iterator[list[Document]]:
    """A transaction that takes the files of the new documents with it when it is undone."""
    kept: list[Document] = []
    url = reverse("workspace_report", args=[report.year])
    try:
        with run.finishing(result_url=url) if run else transaction.atomic():
            yield kept
    except BaseException:
        for document in kept:
            document.file.storage.delete(str(document.file.name))
        raise


def publish(report: CouncilReport, *, by: User | None, at: dt.datetime) -> None:
    """Publishes a finished report; from then on it stays as it is.

    Raises PermissionDenied, TransitionNotAllowed if it is published already, ValidationError if it is not made
    yet or stops before its cut-off.
    """
    if report.document is None:
        raise ValidationError(_("Der Bericht ist noch nicht erstellt."))
    if is_provisional(report):
        raise ValidationError(
            _("Dies ist ein Zwischenstand. Nach dem Stichtag kann der Bericht neu erstellt und veröffentlicht werden.")
        )
    with transaction.atomic():
        steps.take(report, "publish", by=by, at=at, published_at=at)
        report.document.is_public = True
        report.document.save(update_fields=["is_public"])


def _must_be_draft(report: CouncilReport) -> None:
    if not report.is_draft:
        raise ValidationError(
            _("Der Bericht %(year)d ist veröffentlicht und bleibt, wie er ist."), params={"year": report.year}
        )
