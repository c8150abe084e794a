"""The yearly report to the council: opened, collected, set as PDF, checked and stored as a draft.

Its way through the year is told in `report_cycle`, what is frozen in `editions`.
"""

import calendar
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Document, JobRun, User
from dialog.services import documents, jobs, pdf, steps
from measures.models import CouncilReport, ReportEdition
from measures.services import report_content, report_files

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


def planned_cutoff(report: CouncilReport) -> dt.date:
    """The last day that `report` is to tell of: as entered for it, or that of every year."""
    return report.cutoff_planned or cutoff_of(report.year)


def is_provisional(report: CouncilReport) -> bool:
    """The report stops before its cut-off, because that day was still to come."""
    return report.cutoff < planned_cutoff(report)


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
    report = CouncilReport.objects.filter(year=year).first() or CouncilReport(year=year)
    if report.is_draft:
        last = CouncilReport.objects.filter(year=year - 1).defer("content").first()
        report.period_start = (planned_cutoff(last) if last else cutoff_of(year - 1)) + dt.timedelta(days=1)
        report.cutoff = min(planned_cutoff(report), today)
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


def collect(report: CouncilReport, *, corrected: bool = False) -> dict[str, Any]:
    """What `report` says, as plain JSON; see `report_content`."""
    return report_content.collect(report, provisional=is_provisional(report), corrected=corrected)


def render_pdf(content: dict[str, Any], *, at: dt.datetime) -> bytes:
    """The report as PDF; the same content and date give the same bytes."""
    attached = report_files.attached(content, canonical(content))
    return pdf.render("pdf/report.html", context(content, paper=True), title=content["title"], at=at, attached=attached)


def context(content: dict[str, Any], *, paper: bool) -> dict[str, Any]:
    """What the templates need that show `content` on paper or as a page; `sha256` only of what is frozen.

    A content without `edition` is a draft.
    """
    whole = canonical(content)
    return {
        # Read back from the very text that the checksum is of: databases keep the keys in an order of their own.
        "content": report_content.with_dates(json.loads(whole)),
        "paper": paper,
        "sha256": hashlib.sha256(whole.encode()).hexdigest() if content.get("edition") else "",
    }


def canonical(content: dict[str, Any]) -> str:
    """`content` as the one JSON text that its checksum is taken of."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read in this block is read as of one moment, whatever others write meanwhile."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        # A transaction of SQLite sees one moment anyway.
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def build(report: CouncilReport, *, at: dt.datetime, run: jobs.Run | None = None) -> tuple[dict[str, Any], bytes]:
    """Content and checked PDF of the draft of `report`. Raises `pdf.Broken`."""
    return set_and_check(lambda: _before_the_groups_speak(collect(report)), at=at, run=run)


def set_and_check(
    collecting: Callable[[], dict[str, Any]], *, at: dt.datetime, run: jobs.Run | None
) -> tuple[dict[str, Any], bytes]:
    """The content that `collecting` gives, and its checked PDF; tells `run` of its steps. Raises `pdf.Broken`."""
    step = run.step if run else lambda _name: None
    step(_("Die Inhalte werden gesammelt"))
    with one_moment():
        content = collecting()
    step(_("Das PDF wird gesetzt"))
    made = render_pdf(content, at=at)
    step(_("Das PDF wird geprüft"))
    pdf.check(made, texts=report_content.said_of(report_content.all_measures(content["fields"])))
    return content, made


def _before_the_groups_speak(content: dict[str, Any]) -> dict[str, Any]:
    """A draft without statements: the groups read it before they speak, and no group reads another's word in it."""
    return {**content, "statements": [], "silent_groups": [], "summary": {**content["summary"], "groups": 0}}


def start(year: int, *, by: User | None, at: dt.datetime) -> JobRun:
    """Has the report of `year` made by the worker; a second call finds the open job. Errors as `open_report`."""
    report = open_report(year, by=by, at=at)
    _must_be_draft(report)
    return start_job(report, "council_report", by=by, at=at)


def start_job(report: CouncilReport, kind: str, *, by: User | None, at: dt.datetime, **parameters: Any) -> JobRun:
    """Has the worker do `kind` of work on `report`; a second call finds the open job.

    ValidationError if work of another kind is under way: two at once would get into each other's way.
    """
    job = jobs.start(
        kind,
        key=f"council_report:{report.year}",
        title=_("Jahresbericht %(year)d an den Rat") % {"year": report.year},
        owner=by,
        parameters={"year": report.year, **parameters},
        at=at,
    )
    if job.kind != kind:
        raise ValidationError(
            _("An diesem Bericht wird gerade gearbeitet. Bitte warten Sie, bis der Auftrag fertig ist.")
        )
    return job


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
    frozen, `pdf.Broken` if the PDF is not whole; then what was there before stays.
    """
    _must_be_draft(report)
    if run:
        run.plan(4)
    content, made = build(report, at=at, run=run)
    if run:
        run.step(_("Der Bericht wird abgelegt"))
    with stored(report, content, made, filename=f"bericht-{report.year}.pdf", by=by, at=at, run=run) as new:
        report.save()
    return new


@contextmanager
def stored(
    report: CouncilReport,
    content: dict[str, Any],
    made: bytes,
    *,
    filename: str,
    by: User | None,
    at: dt.datetime,
    run: jobs.Run | None,
) -> Iterator[Document]:
    """Stores what `report` says now together with what the block stores (it saves `report`) and with the job's end.

    All or nothing: when it is undone, no file stays behind. The PDF of an older draft goes, that of an edition stays.
    """
    new: Document | None = None
    url = reverse("workspace_report", args=[report.year])
    try:
        with run.finishing(result_url=url) if run else transaction.atomic():
            new = documents.store(
                made,
                filename=filename,
                title=content["title"],
                content_type="application/pdf",
                is_public=False,
                by=by,
                at=at,
            )
            old, report.document = report.document, new
            report.content, report.generated_at = content, at
            yield new
            if old and not ReportEdition.objects.filter(document=old).exists():
                old.delete()
                transaction.on_commit(lambda: old.file.storage.delete(str(old.file.name)))
            if run:
                run.job.document = new
    except BaseException:
        if new:
            new.file.storage.delete(str(new.file.name))
        raise


def _must_be_draft(report: CouncilReport) -> None:
    if not report.is_draft:
        raise ValidationError(
            _("Der Bericht %(year)d ist festgestellt und bleibt, wie er ist."), params={"year": report.year}
        )
