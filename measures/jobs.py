"""Long work of the council side, by its kind. What cannot be done is said to the person who waits."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from dialog.services import jobs, pdf
from measures.models import CouncilReport, ReportEdition
from measures.services import editions, report_parts, reports


@jobs.handler("council_report")
def council_report(run: jobs.Run) -> None:
    """Makes the draft of the year `run.parameters["year"]`."""
    now = timezone.now()
    with _in_words():
        reports.make(_report(run, now), by=run.job.owner, at=now, run=run)


@jobs.handler("council_report_freeze")
def council_report_freeze(run: jobs.Run) -> None:
    """Freezes the report of the year `run.parameters["year"]` as its next edition."""
    now = timezone.now()
    with _in_words():
        editions.freeze(_report(run, now), by=run.job.owner, at=now, run=run)


@jobs.handler("council_report_correct")
def council_report_correct(run: jobs.Run) -> None:
    """Makes the corrected edition that `run.parameters["reason"]` asks for."""
    now = timezone.now()
    with _in_words():
        editions.correct(_report(run, now), reason=run.parameters["reason"], by=run.job.owner, at=now, run=run)


@jobs.handler("council_report_parts")
def council_report_parts(run: jobs.Run) -> None:
    """Makes the parts of the edition `run.parameters["edition"]`."""
    with _in_words():
        edition = ReportEdition.objects.select_related("report").get(pk=run.parameters["edition"])
        report_parts.make(edition, by=run.job.owner, at=timezone.now(), run=run)


def _report(run: jobs.Run, now: dt.datetime) -> CouncilReport:
    return reports.open_report(run.parameters["year"], by=None, at=now)


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns what can go wrong into what the person who waits can read; trying again would not help by itself."""
    try:
        yield
    except ValidationError as error:
        raise jobs.Refused(" ".join(error.messages)) from error
    except pdf.Broken as error:
        raise jobs.Refused(_("Der Bericht ist misslungen. %(reason)s") % {"reason": error}) from error
    except (ConcurrentTransition, TransitionNotAllowed) as error:
        raise jobs.Refused(
            _("Der Bericht wurde inzwischen weiterbewegt. Bitte sehen Sie nach, wo er steht.")
        ) from error
    except PermissionDenied as error:
        raise jobs.Refused(_("Ihr Konto darf das nicht mehr. Bitte fragen Sie die Planungsgruppe.")) from error
    except OSError as error:
        raise jobs.Refused(
            _("Die Datei ließ sich nicht ablegen; vielleicht ist der Speicher voll. Nichts wurde verändert.")
        ) from error
