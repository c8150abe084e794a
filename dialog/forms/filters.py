"""Lists that readers narrow down. Every choice stands in the address; nonsense is named and changes nothing."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import Count

#: The parameter that paging uses; a new choice begins on the first page.
PAGE = "seite"


@dataclass(frozen=True)
class Option:
    """One choice of a facet: how many rows it would leave, the other filters kept."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Chip:
    """A filter in effect, and the query string without it."""

    label: str
    query: str


class ListFilter(django_filters.FilterSet):
    """A `FilterSet` that also tells what is chosen, and what each further choice would leave.

    Choices are compared with lists made here, never looked up by what somebody typed into the address.
    """

    def options(self, name: str) -> list[Option]:
        """The choices of the filter `name` with their counts; those that would leave nothing are left out."""
        field_name = self.filters[name].field_name
        rows = self.queryset
        for other, value in self._cleaned.items():
            if other != name:
                rows = self.filters[other].filter(rows, value)
        counts = dict(rows.order_by().values_list(field_name).annotate(Count("pk", distinct=True)))
        chosen = self._cleaned.get(name) or []
        return [
            Option(str(value), str(label), counts.get(value, 0), value in chosen)
            for value, label in self.filters[name].field.choices
            if counts.get(value) or value in chosen
        ]

    def chips(self) -> list[Chip]:
        """The filters in effect, each with the way back."""
        chips = []
        for name, value in self._cleaned.items():
            if not value:
                continue
            chosen = value if isinstance(value, list) else [value]
            names = {str(key): str(label) for key, label in getattr(self.filters[name].field, "choices", ())}
            words = ", ".join(names.get(str(one), str(one)) for one in chosen)
            chips.append(Chip(f"{self.filters[name].label}: {words}", self._query_without(name)))
        return chips

    @property
    def is_misread(self) -> bool:
        """Whether the address asks for a choice that does not exist."""
        return self.is_bound and not self.form.is_valid()

    @property
    def _cleaned(self) -> dict[str, Any]:
        if not self.is_bound:
            return {}
        self.form.is_valid()
        return self.form.cleaned_data

    def _query_without(self, name: str) -> str:
        kept = [(key, one) for key, values in self.data.lists() for one in values if key not in {name, PAGE}]
        return "?" + urlencode(kept)
