"""What a meeting decides under an agenda item: decisions with votes, and recommendations."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_fsm import TransitionNotAllowed

from dialog.models import (
    Addressee,
    AgendaItem,
    Attendance,
    Body,
    Decision,
    FieldOfAction,
    Minutes,
    Organization,
    Recommendation,
    User,
)

from . import numbers, steps


def _open(minutes: Minutes, by: User | None) -> Minutes:
    """The minutes, locked until the transaction ends, while their text may change."""
    if by is not None and not by.has_perm("dialog.write_minutes", minutes):
        raise PermissionDenied
    locked = Minutes.objects.select_for_update(of=("self",)).select_related("meeting__body").get(pk=minutes.pk)
    if not locked.is_open:
        raise TransitionNotAllowed("approved minutes stay as they are", object=locked)
    return locked


def check_votes(minutes: Minutes, *, unanimous: bool, yes: int | None, no: int | None, abstained: int | None) -> None:
    """ValidationError if the votes contradict each other, or are more than the members that were noted as present."""
    if unanimous and no:
        raise ValidationError({"no": _("Einstimmig heißt: keine Nein-Stimme.")})
    if unanimous and yes == 0:
        raise ValidationError({"yes": _("Einstimmig ohne Ja-Stimme: Da stimmt etwas nicht.")})
    given = (yes or 0) + (no or 0) + (abstained or 0)
    present = Attendance.objects.filter(meeting=minutes.meeting_id).voting().present().count()
    if present and given > present:
        raise ValidationError(
            ngettext(
                "Es sind mehr Stimmen als Anwesende: Stimmberechtigt anwesend war %(number)d Mitglied.",
                "Es sind mehr Stimmen als Anwesende: Stimmberechtigt anwesend waren %(number)d Mitglieder.",
                present,
            )
            % {"number": present}
        )
    if not unanimous and yes is not None and (no or 0) >= yes:
        raise ValidationError({"yes": _("So fand der Beschluss keine Mehrheit. Halten Sie das bitte im Text fest.")})


@transaction.atomic
def decide(
    minutes: Minutes,
    item: AgendaItem,
    *,
    wording: str,
    by: User | None,
    at: dt.datetime,
    unanimous: bool = False,
    yes: int | None = None,
    no: int | None = None,
    abstained: int | None = None,
) -> Decision:
    """Keeps a decision under `item`. ValidationError if the votes do not fit."""
    current = _open(minutes, by)
    check_votes(current, unanimous=unanimous, yes=yes, no=no, abstained=abstained)
    decision = Decision(
        minutes=current,
        agenda_item=item,
        wording=wording.strip(),
        unanimous=unanimous,
        yes=yes,
        no=no,
        abstained=abstained,
        decided_at=at,
        is_example=current.is_example,
    )
    steps.date_history(decision, at=at, by=by)
    decision.save()
    return decision


@transaction.atomic
def take_back(decision: Decision, *, by: User) -> None:
    """Removes a decision that was noted by mistake; its history stays. TransitionNotAllowed after approval."""
    _open(decision.minutes, by)
    decision.delete()


@transaction.atomic
def recommend(
    minutes: Minutes,
    item: AgendaItem,
    *,
    title: str,
    wording: str,
    field: FieldOfAction,
    addressees: Iterable[Body | Organization],
    by: User | None,
    at: dt.datetime,
) -> Recommendation:
    """A recommendation of the body, drafted under `item`, with its public number. ValidationError without addressee."""
    current = _open(minutes, by)
    if not (to := list(addressees)):
        raise ValidationError({"addressees": _("Bitte nennen Sie, an wen sich die Empfehlung richtet.")})
    day = timezone.localdate(current.meeting.starts_at)
    recommendation = Recommendation(
        number=numbers.give("E", day.year),
        title=title.strip(),
        slug=slugify(title)[:80] or "empfehlung",
        wording=wording.strip(),
        body=current.meeting.body,
        agenda_item=item,
        field=field,
        date=day,
        is_example=current.is_example,
    )
    steps.date_history(recommendation, at=at, by=by)
    recommendation.save()
    recommendation.strands.set(current.meeting.body.strands.all())
    for addressee in to:
        name: Any = "body" if isinstance(addressee, Body) else "organization"
        Addressee.objects.create(recommendation=recommendation, **{name: addressee})
    steps.record(recommendation, "draft", by=by, at=at)
    return recommendation
