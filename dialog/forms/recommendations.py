from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from dialog.models import Body, FieldOfAction, Recommendation

from .filters import ListFilter


class RecommendationFilter(ListFilter):
    """Narrows down recommendations, of which `queryset` holds those the reader may see."""

    q = django_filters.CharFilter(label=_("Suchbegriff"), method="search")
    field = django_filters.MultipleChoiceFilter(label=_("Handlungsfeld"), field_name="field__slug", distinct=False)
    state = django_filters.MultipleChoiceFilter(
        label=_("Stand"), field_name="state", choices=Recommendation.State.choices, distinct=False
    )
    body = django_filters.ChoiceFilter(label=_("Gremium"), field_name="body__slug", empty_label=_("alle Gremien"))
    year = django_filters.ChoiceFilter(
        label=_("Jahr"), field_name="date", lookup_expr="year", empty_label=_("alle Jahre")
    )

    class Meta:
        model = Recommendation
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authors = Body.objects.filter(recommendations__in=self.queryset).distinct()
        years = self.queryset.order_by().dates("date", "year", order="DESC")
        self.filters["field"].extra["choices"] = list(FieldOfAction.objects.values_list("slug", "name"))
        self.filters["body"].extra["choices"] = [(body.slug, body.full_name) for body in authors]
        self.filters["year"].extra["choices"] = [(str(day.year), str(day.year)) for day in years]

    def search(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.search(value)
