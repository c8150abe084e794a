"""Long work of the council side, by its kind."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from dialog.services import jobs
from measures.services import reports


@jobs.handler("council_report")
def council_report(run: jobs.Run) -> None:
    """Makes the report of the year `run.parameters["year"]`."""
    now = timezone.now()
    try:
        report = reports.open_report(run.parameters["year"], by=None, at=now)
        reports.make(report, by=run.job.owner, at=now, run=run)
    except ValidationError as error:
        raise jobs.Refused(" ".join(error.messages)) from error
