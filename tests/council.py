"""A report on its way to the council, for tests that need one there."""

import datetime as dt

from django.utils import timezone

from measures.models import CouncilReport
from measures.services import editions, report_cycle, reports


def consulted(report: CouncilReport, *, at: dt.datetime) -> CouncilReport:
    """The draft made, and put before the groups until the end of the day `at`."""
    today = timezone.localdate(at)
    reports.make(report, by=None, at=at)
    report_cycle.gather(report, updates_until=today, by=None, at=at)
    report_cycle.consult(report, consultation_until=today, by=None, at=at)
    return report


def frozen(report: CouncilReport, *, at: dt.datetime) -> CouncilReport:
    """Frozen at `at`, after a consultation that ended the day before."""
    consulted(report, at=at - dt.timedelta(days=1))
    editions.freeze(report, by=None, at=at)
    return report


def handed_over(report: CouncilReport, *, at: dt.datetime) -> CouncilReport:
    """Given to the council, and so to everyone, at `at`."""
    frozen(report, at=at)
    report_cycle.approve(report, by=None, at=at)
    report_cycle.hand_over(report, paper_number="VL-154/2010", council_on=None, by=None, at=at)
    return report
