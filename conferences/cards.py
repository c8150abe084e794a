"""How conferences present themselves where they are shared."""

from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from dialog.sharing import Card, city, register

from .models import Conference


def conference(row: Conference) -> Card:
    """https://schema.org/Event"""
    data: dict[str, Any] = {
        "@type": "Event",
        "startDate": row.date.isoformat(),
        "organizer": city(),
        "isAccessibleForFree": True,
    }
    if row.place:
        data["location"] = {"@type": "Place", "name": row.place, "address": row.place}
    day = format_date(row.date, "j. F Y")
    return Card(kind=_("Konferenz"), title=str(row), detail=f"{day} · {row.place}" if row.place else day, data=data)


register(Conference, conference)
