from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from dialog.models import Body, Meeting

from .filters import ListFilter


class MeetingFilter(ListFilter):
    """Narrows down meetings, of which `queryset` holds those the reader may see."""

    gremium = django_filters.ChoiceFilter(label=_("Gremium"), field_name="body__slug", empty_label=_("alle Gremien"))
    jahr = django_filters.ChoiceFilter(
        label=_("Jahr"), field_name="starts_at", lookup_expr="year", empty_label=_("alle Jahre")
    )

    class Meta:
        model = Meeting
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meeting = Body.objects.filter(meetings__in=self.queryset).distinct()
        years = self.queryset.order_by().datetimes("starts_at", "year", order="DESC")
        self.filters["gremium"].extra["choices"] = [(body.slug, body.full_name) for body in meeting]
        self.filters["jahr"].extra["choices"] = [(str(day.year), str(day.year)) for day in years]
