from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from dialog.models import Body, FieldOfAction, Recommendation, SearchableQuerySet
from dialog.models.recommendations import RecommendationQuerySet

from .filters import ListFilter


class RecommendationFilter(ListFilter):
    """Narrows down recommendations, of which `queryset` holds those the reader may see."""

    q = django_filters.CharFilter(label=_("Suchbegriff"), method="search")
    handlungsfeld = django_filters.MultipleChoiceFilter(
        label=_("Handlungsfeld"), field_name="field__slug", distinct=False
    )
    stand = django_filters.MultipleChoiceFilter(
        label=_("Stand"), field_name="state", choices=Recommendation.State.choices, distinct=False
    )
    gremium = django_filters.ChoiceFilter(label=_("Gremium"), field_name="body__slug", empty_label=_("alle Gremien"))
    jahr = django_filters.ChoiceFilter(
        label=_("Jahr"), field_name="date", lookup_expr="year", empty_label=_("alle Jahre")
    )

    class Meta:
        model = Recommendation
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        authors = Body.objects.filter(recommendations__in=self.queryset).distinct()
        years = self.queryset.order_by().dates("date", "year", order="DESC")
        self.filters["handlungsfeld"].extra["choices"] = list(FieldOfAction.objects.values_list("slug", "name"))
        self.filters["gremium"].extra["choices"] = [(body.slug, body.full_name) for body in authors]
        self.filters["jahr"].extra["choices"] = [(str(day.year), str(day.year)) for day in years]

    def search(self, rows: RecommendationQuerySet, name: str, value: str) -> SearchableQuerySet:
        return rows.search(value)
