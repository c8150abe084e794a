"""The working groups' word on the report: who is asked, who has spoken, and the speaking itself."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Body, User
from dialog.models.people import led_body_ids
from measures.models import CouncilReport, GroupStatement


def consulted(report: CouncilReport) -> Any:
    """The working groups that were at work at the cut-off of `report`."""
    return (
        Body.objects.working_groups()
        .filter(Q(founded_on=None) | Q(founded_on__lte=report.cutoff))
        .exclude(ended_on__lte=report.cutoff)
    )


def silent(report: CouncilReport) -> list[Body]:
    """The groups consulted that have said nothing yet."""
    return list(consulted(report).exclude(statements__report=report))


@dataclass(frozen=True)
class Asked:
    """A group that may speak on a report now, and what it has said so far."""

    report: CouncilReport
    body: Body
    statement: GroupStatement | None


def asked_of(user: User, *, today: dt.date) -> list[Asked]:
    """Where `user`, as a group's lead, may speak now."""
    led = led_body_ids(user)
    if not led:
        return []
    open_reports = CouncilReport.objects.visible_to(user).filter(
        state=CouncilReport.State.CONSULTATION, consultation_until__gte=today
    )
    given = {
        (row.report_id, row.body_id): row
        for row in GroupStatement.objects.visible_to(user).filter(report__in=open_reports, body__in=led)
    }
    return [
        Asked(report, body, given.get((report.pk, body.pk)))
        for report in open_reports.defer("content")
        for body in consulted(report).filter(pk__in=led)
    ]


def give(
    report: CouncilReport,
    body: Body,
    *,
    position: str,
    text: str,
    decided_on: dt.date,
    by: User | None,
    at: dt.datetime,
    tasks: str = "",
    is_example: bool = False,
) -> GroupStatement:
    """Says for `body` what it holds of `report`, and its `tasks` for the year to come; until the deadline a group may
    change its word.

    Raises PermissionDenied unless `by` leads the group, ValidationError after the deadline, for a group that was
    not asked, for a day to come, and if anything but plain agreement lacks its text.
    """
    if by is not None and not by.has_perm("measures.give_statement", body):
        raise PermissionDenied
    today = timezone.localdate(at)
    text = text.strip()
    if position != GroupStatement.Position.AGREES and not text:
        raise ValidationError({"text": _("Bitte schreiben Sie den Text, der im Bericht stehen soll.")})
    if decided_on > today:
        raise ValidationError({"decided_on": _("Dieser Tag liegt in der Zukunft.")})
    with transaction.atomic():
        # Locked, so that no word is taken in while the report is being frozen.
        current = CouncilReport.objects.select_for_update().defer("content").get(pk=report.pk)
        if not current.takes_statements_on(today):
            raise ValidationError(_("Zu diesem Bericht werden zurzeit keine Stellungnahmen angenommen."))
        if not consulted(current).filter(pk=body.pk).exists():
            raise ValidationError(
                _("Dieses Gremium gehört nicht zu den Arbeitsgruppen, die zum Bericht gehört werden.")
            )
        statement, _is_new = GroupStatement.objects.update_or_create(
            report=current,
            body=body,
            defaults={
                "position": position,
                "text": text,
                "tasks": tasks.strip(),
                "decided_on": decided_on,
                "given_by": by,
                "given_at": at,
                "is_example": is_example,
            },
        )
    return statement
