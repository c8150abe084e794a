"""Recommendations: writing them, and taking them from step to step."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from dialog.models import Addressee, Body, Organization, Recommendation, User

from . import followings, numbers, steps

#: The prefix of public numbers of recommendations (`E-2009-003`).
PREFIX = "E"
#: Steps that everyone is told the reason of.
WITH_REASON = {"turn_down", "reject"}


@transaction.atomic
def save(
    recommendation: Recommendation,
    *,
    by: User | None,
    at: dt.datetime,
    bodies: Iterable[Body] | None = None,
    organizations: Iterable[Organization] | None = None,
    **values: Any,
) -> Recommendation:
    """Writes a new recommendation, a draft with the next public number of its year, or changes one.

    `bodies` and `organizations` are its addressees (None: as they were). Raises PermissionDenied, ValidationError.
    """
    if by is not None and not by.has_perm("dialog.run_recommendation", recommendation):
        raise PermissionDenied
    is_new = recommendation.pk is None
    strands = values.pop("strands", None)
    for name, value in values.items():
        setattr(recommendation, name, value)
    recommendation.slug = slugify(recommendation.title)[:80].strip("-") or "empfehlung"
    recommendation.full_clean(exclude=["number", "state", "search_text"])
    if is_new:
        recommendation.number = numbers.give(PREFIX, recommendation.date.year)
    steps.date_history(recommendation, at=at, by=by)
    recommendation.save()
    if strands is not None:
        recommendation.strands.set(strands)
    address(recommendation, bodies=bodies, organizations=organizations)
    before = "" if is_new else recommendation.state
    steps.record(recommendation, "draft" if is_new else "change", before=before, by=by, at=at)
    return recommendation


def address(
    recommendation: Recommendation,
    *,
    bodies: Iterable[Body] | None = None,
    organizations: Iterable[Organization] | None = None,
) -> None:
    """These are the addressees of a recommendation (None: as they were)."""
    _address(recommendation, "body", bodies)
    _address(recommendation, "organization", organizations)


def _address(recommendation: Recommendation, kind: str, wanted: Iterable[Body | Organization] | None) -> None:
    if wanted is None:
        return
    rows = recommendation.addressees.exclude(**{kind: None})
    chosen = {row.pk for row in wanted}
    rows.exclude(**{f"{kind}__in": chosen}).delete()
    have = set(rows.values_list(f"{kind}_id", flat=True))
    for pk in sorted(chosen - have):
        Addressee.objects.create(recommendation=recommendation, **{f"{kind}_id": pk})


def take_step(recommendation: Recommendation, name: str, *, by: User | None, at: dt.datetime, reason: str = "") -> None:
    """Takes one of the steps of a recommendation; those in `WITH_REASON` need one, which everyone reads."""
    reason = reason.strip()
    if name in WITH_REASON and not reason:
        raise ValidationError({"reason": _("Bitte begründen Sie das; die Begründung ist öffentlich.")})
    arguments = {"reason": reason} if name in WITH_REASON else {}
    if name == "present" and not recommendation.addressees.exists():
        raise ValidationError(_("Bitte nennen Sie zuerst, an wen sich die Empfehlung richtet."))
    with transaction.atomic():
        steps.take(recommendation, name, by=by, at=at, note=reason, **arguments)
        followings.tell("recommendation_moved", recommendation, by=by)
