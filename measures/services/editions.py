"""What is frozen: numbered editions of a report, each complete in itself, each with its checksum."""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Document, JobRun, User
from dialog.services import jobs, steps
from measures.models import CouncilReport, ReportEdition
from measures.services import report_content, report_mails, report_parts, reports, statements


def must_be_ready(report: CouncilReport, *, at: dt.datetime) -> None:
    """ValidationError in words if `report` cannot be frozen yet: who is still to be heard, which day is to come."""
    if report.state != CouncilReport.State.CONSULTATION:
        raise ValidationError(_("Festgestellt wird ein Bericht nach der Abstimmung mit den Arbeitsgruppen."))
    today = timezone.localdate(at)
    if reports.planned_cutoff(report) >= today:
        raise ValidationError(_("Der Stichtag ist noch nicht vorbei."))
    if report.takes_statements_on(today) and (missing := statements.silent(report)):
        raise ValidationError(
            _("Die Frist für Stellungnahmen läuft noch. Es fehlen: %(groups)s."),
            params={"groups": ", ".join(group.name for group in missing)},
        )


def start_freezing(report: CouncilReport, *, by: User | None, at: dt.datetime) -> JobRun:
    """Has the worker freeze `report`; a second click finds the first job. PermissionDenied, ValidationError."""
    if by is not None and not by.has_perm("measures.make_report", report):
        raise PermissionDenied
    must_be_ready(report, at=at)
    return reports.start_job(report, "council_report_freeze", by=by, at=at)


def start_correcting(report: CouncilReport, *, reason: str, by: User | None, at: dt.datetime) -> JobRun:
    """Has the worker make a corrected edition of a published `report`. PermissionDenied, ValidationError."""
    if by is not None and not by.has_perm("measures.publish_report", report):
        raise PermissionDenied
    _must_be_published(report)
    return reports.start_job(report, "council_report_correct", by=by, at=at, reason=reason)


def freeze(report: CouncilReport, *, by: User | None, at: dt.datetime, run: jobs.Run | None = None) -> ReportEdition:
    """Freezes `report`: collects as of the cut-off, sets, checks and stores it as its next edition, all or nothing.

    `run` is the job this is done for. Raises ValidationError if it is not ready or if a group changed its word
    meanwhile, ConcurrentTransition if the report moved on, PermissionDenied, `pdf.Broken`.
    """
    must_be_ready(report, at=at)
    report.cutoff = reports.planned_cutoff(report)
    content, made, number = _made(report, "", at=at, run=run)
    with reports.stored(report, content, made, filename=_filename(report, number), by=by, at=at, run=run) as document:
        if report_content.said_by_groups(report) != (content["statements"], content["silent_groups"]):
            raise ValidationError(
                _(
                    "Während der Bericht entstand, hat eine Arbeitsgruppe ihre Stellungnahme geändert. "
                    "Bitte starten Sie noch einmal."
                )
            )
        steps.take(report, "freeze", by=by, at=at, note=_("Ausgabe %(number)d") % {"number": number})
        edition = _sealed(report, content, document, at=at)
        report_mails.ask_for_approval(edition, at=at)
    return edition


def correct(
    report: CouncilReport, *, reason: str, by: User | None, at: dt.datetime, run: jobs.Run | None = None
) -> ReportEdition:
    """A corrected edition of a published `report`: the next number, published at once; the ones before stay.

    Raises PermissionDenied, ValidationError if the report is not published or no `reason` is given, `pdf.Broken`.
    """
    if by is not None and not by.has_perm("measures.publish_report", report):
        raise PermissionDenied
    _must_be_published(report)
    if not reason.strip():
        raise ValidationError(_("Bitte schreiben Sie, was berichtigt wird."))
    content, made, number = _made(report, reason, at=at, run=run)
    with reports.stored(report, content, made, filename=_filename(report, number), by=by, at=at, run=run) as document:
        report.save()
        steps.record(report, "correct", before=report.state, by=by, at=at, note=reason)
        edition = _sealed(report, content, document, reason=reason, at=at)
        publish(edition, at=at)
        report_mails.tell_the_council(edition, at=at)
    return edition


def publish(edition: ReportEdition, *, at: dt.datetime) -> None:
    """Opens an edition and its PDF to everyone."""
    with transaction.atomic():
        edition.published_at = at
        edition.save(update_fields=["published_at"])
        Document.objects.filter(pk__in=[edition.document_id, *edition.parts.values_list("document", flat=True)]).update(
            is_public=True
        )
        edition.document.is_public = True


def newest(report: CouncilReport) -> ReportEdition | None:
    """The edition that counts."""
    return report.editions.select_related("document").first()


def render(edition: ReportEdition) -> bytes:
    """The PDF of an edition, from its snapshot alone: the same bytes at any time."""
    return reports.render_pdf(edition.snapshot, at=edition.frozen_at)


def _made(
    report: CouncilReport, reason: str, *, at: dt.datetime, run: jobs.Run | None
) -> tuple[dict[str, Any], bytes, int]:
    number = report.editions.count() + 1

    def collecting() -> dict[str, Any]:
        edition = {"number": number, "frozen_on": timezone.localdate(at).isoformat(), "reason": reason}
        return {**reports.collect(report, corrected=number > 1), "edition": edition}

    if run:
        run.plan(4)
    content, made = reports.set_and_check(collecting, at=at, run=run)
    if run:
        run.step(_("Der Bericht wird abgelegt"))
    return content, made, number


def _sealed(
    report: CouncilReport, content: dict[str, Any], document: Any, *, at: dt.datetime, reason: str = ""
) -> ReportEdition:
    edition = ReportEdition.objects.create(
        report=report,
        number=content["edition"]["number"],
        schema=content["schema"],
        snapshot=content,
        sha256=reports.context(content, paper=True)["sha256"],
        document=document,
        reason=reason,
        frozen_at=at,
    )
    report_parts.start(edition, by=None, at=at)
    return edition


def _filename(report: CouncilReport, number: int) -> str:
    return f"bericht-{report.year}.pdf" if number == 1 else f"bericht-{report.year}-ausgabe-{number}.pdf"


def _must_be_published(report: CouncilReport) -> None:
    if not report.is_published:
        raise ValidationError(_("Berichtigt wird ein Bericht, den der Rat schon hat. Dieser lässt sich noch ändern."))
