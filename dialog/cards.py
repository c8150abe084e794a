"""How the ground floor's rows present themselves where they are shared."""

from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from .models import Body, Meeting, Recommendation
from .sharing import Card, absolute, city, register

STATUS = {
    Meeting.State.PLANNED: "https://schema.org/EventScheduled",
    Meeting.State.HELD: "https://schema.org/EventScheduled",
    Meeting.State.CANCELLED: "https://schema.org/EventCancelled",
}


def meeting(row: Meeting) -> Card:
    """https://schema.org/Event"""
    start, end = timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)
    data: dict[str, Any] = {
        "@type": "Event",
        "startDate": start.isoformat(),
        "endDate": end.isoformat(),
        "eventStatus": STATUS[Meeting.State(row.state)],
        "organizer": {
            "@type": "GovernmentOrganization",
            "name": row.body.full_name,
            "url": absolute(row.body.get_absolute_url()),
        },
        "isAccessibleForFree": True,
    }
    if row.place:
        data["location"] = {"@type": "Place", "name": row.place, "address": row.address or row.place}
    day = _("%(day)s Uhr") % {"day": format_date(start, "j. F Y, H:i")}
    return Card(kind=_("Sitzung"), title=str(row), detail=f"{day} · {row.place}" if row.place else day, data=data)


def body(row: Body) -> Card:
    """https://schema.org/GovernmentOrganization"""
    data = {"@type": "GovernmentOrganization", "parentOrganization": city()}
    return Card(kind=row.get_kind_display(), title=row.full_name, data=data)


def recommendation(row: Recommendation) -> Card:
    kind = _("Handlungsempfehlung %(number)s") % {"number": row.number}
    return Card(kind=kind, title=row.title, detail=row.get_state_display())


register(Meeting, meeting)
register(Body, body)
register(Recommendation, recommendation)
