"""What a report to the council counts: indicators with their values, and how many people take part."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q

from dialog.models import Body, Membership
from measures.models import Indicator, IndicatorValue

_ANYONE = AnonymousUser()


def indicators(cutoff: dt.date) -> list[dict[str, Any]]:
    """The indicators that have values up to the year of `cutoff`, with these values; numbers as texts, to be exact."""
    values = IndicatorValue.objects.visible_to(_ANYONE).filter(year__lte=cutoff.year).order_by("year")
    rows = (
        Indicator.objects.visible_to(_ANYONE)
        .select_related("field")
        .prefetch_related(Prefetch("values", queryset=values))
        .order_by("field__position", "name")
    )
    return [
        {
            "name": row.name,
            "unit": row.unit,
            "text": row.text,
            "field": row.field.name if row.field else "",
            "target": None if row.target is None else str(row.target),
            "target_year": row.target_year,
            "values": [
                {
                    "year": value.year,
                    "value": str(value.value),
                    "qualifier": value.qualifier,
                    "is_example": value.is_example,
                }
                for value in row.values.all()
            ],
            "source": row.source,
            "is_example": row.is_example,
        }
        for row in rows
        if row.values.all()
    ]


def participation(start: dt.date, cutoff: dt.date) -> dict[str, int]:
    """How many take part in working groups at `cutoff`, and how many of them came since `start`.

    Memberships are counted whether or not they are public: a number names nobody.
    """
    groups = Body.objects.visible_to(_ANYONE).working_groups().exclude(founded_on__gt=cutoff)
    there = Membership.objects.filter(body__in=groups, starts_on__lte=cutoff).exclude(ends_on__lte=cutoff)
    return {
        "groups": groups.exclude(ended_on__lte=cutoff).count(),
        **there.aggregate(
            people=Count("person", distinct=True),
            institutions=Count("organization", distinct=True),
            new_people=Count("person", filter=Q(starts_on__gte=start), distinct=True),
        ),
    }
