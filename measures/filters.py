"""The list of measures: what can be chosen, what is chosen, and what then remains.

Everything chosen is in the address, so that a list can be sent on. What an address says and the portal does not
know is left out and named, never an error.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import Form
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter, FilterSet, MultipleChoiceFilter

from dialog.models import District, FieldOfAction, Organization, Strand
from dialog.search import MAX_QUERY_LENGTH

from . import facets
from .models import Measure, ResolutionPoint
from .models.measures import MeasureQuerySet, Standing

#: What can be chosen: the parameter of the address, the axis of the facets, and its name.
AXES = {
    "handlungsfeld": ("field", _("Handlungsfeld")),
    "stand": ("standing", _("Stand")),
    "strang": ("strand", _("Dialogstrang")),
    "art": ("kind", _("Art")),
    "ortsteil": ("district", _("Ortsteil")),
    "federfuehrung": ("lead", _("Federführung")),
    "jahr": ("year", _("Jahr")),
    "beschluss": ("point", _("Beschlusspunkt")),
}
#: Of these one value is chosen at a time, because there may be many.
SINGLE = {"federfuehrung", "jahr", "beschluss"}
#: These standings are offered only where some measure has them.
RARE = {Standing.PROPOSED, Standing.STOPPED, Standing.MERGED}
WHOLE_CITY = "ganze-stadt"
#: How an order is named in an address, what it is called, and by what it sorts; the first is the usual one.
ORDERS = {
    "neues": (_("neueste Nachricht"), ("-last_news_on", "number")),
    "titel": (_("Titel"), ("title", "number")),
    "nummer": (_("Nummer"), ("number",)),
}
#: Of so few measures the database is told which they are.
FEW = 100
MAX_POSITION_DIGITS = 4
#: Unknown values are repeated to the reader, but not at any length.
MAX_NAMED, MAX_NAMED_LENGTH = 3, 40


@dataclass(frozen=True)
class Choice:
    """One value of an axis: in the address, in words, and as the facets know it."""

    value: str
    label: Any
    key: Any


@dataclass(frozen=True)
class Option:
    """A choice as the form shows it: how many measures it would find, and whether it is chosen."""

    value: str
    label: Any
    count: int
    chosen: bool


@dataclass(frozen=True)
class Group:
    """An axis as the form shows it."""

    name: str
    heading: Any
    is_single: bool
    is_used: bool
    options: tuple[Option, ...]


@dataclass(frozen=True)
class WayOut:
    """Something chosen, with the address of the list without it and how many measures that list has."""

    heading: Any
    label: Any
    address: str
    count: int


class MeasureFilter(FilterSet):
    """The measures that `user` may read, narrowed by the parameters of an address; standings are those of `today`.

    The year is the one in a measure's number, when it was taken into the dialogue: every measure has it, the
    reader sees it, and unlike beginning and end it never changes.
    """

    q = CharFilter(method="containing")
    handlungsfeld = MultipleChoiceFilter(method="in_fields")
    stand = MultipleChoiceFilter(method="with_standings")
    strang = MultipleChoiceFilter(method="in_strands")
    art = MultipleChoiceFilter(method="of_kinds")
    ortsteil = MultipleChoiceFilter(method="in_districts")
    federfuehrung = ChoiceFilter(method="led_by")
    jahr = ChoiceFilter(method="of_year")
    beschluss = ChoiceFilter(method="resting_on")
    sortierung = ChoiceFilter(method="ordered")

    def __init__(self, data: QueryDict, *, user: Any, today: dt.date) -> None:
        visible = Measure.objects.visible_to(user)
        self.user, self.today = user, today
        self.facets = facets.of(visible, today)
        self.choices = {
            name: {choice.value: choice for choice in self._choices(axis, data)}
            for name, (axis, _heading) in AXES.items()
        }
        self.unknown: list[str] = []
        super().__init__(self._known(data), visible)
        for name, choices in self.choices.items():
            self.filters[name].extra["choices"] = [(value, choice.label) for value, choice in choices.items()]
        self.filters["sortierung"].extra["choices"] = [(name, label) for name, (label, _columns) in ORDERS.items()]

    # ── what can be chosen ──────────────────────────────────────────────────────────────────────────────

    def _choices(self, axis: str, data: QueryDict) -> Iterator[Choice]:
        """The values of an axis in reading order; institutions and years only if some measure has them."""
        had = self.facets.bits[axis]
        match axis:
            case "field":
                yield from self._named(FieldOfAction.objects, "slug")
            case "strand":
                yield from self._named(Strand.objects, "code")
            case "standing":
                yield from (
                    Choice(row.value, row.label, row.value) for row in Standing if row in had or row not in RARE
                )
            case "kind":
                yield from (Choice(row.value, row.label, row.value) for row in Measure.Kind)
            case "district":
                yield from self._named(District.objects, "slug")
                yield Choice(WHOLE_CITY, _("ganze Stadt"), facets.WHOLE_CITY)
            case "lead":
                yield from self._named(Organization.objects.filter(pk__in=list(had)), "slug")
            case "year":
                yield from (Choice(str(year), str(year), year) for year in sorted(had, reverse=True))
            case "point":
                yield from self._points(data.get("beschluss", ""))

    def _named(self, rows: Any, column: str) -> Iterator[Choice]:
        for key, value, name in rows.visible_to(self.user).values_list("pk", column, "name"):
            yield Choice(value, name, key)

    def _points(self, value: str) -> Iterator[Choice]:
        """The one point that the address names: readers come to it from the resolution, not from the form."""
        slug, _dot, position = value.rpartition(".")
        if not slug or not position.isdecimal() or len(position) > MAX_POSITION_DIGITS:
            return
        points = ResolutionPoint.objects.visible_to(self.user).filter(resolution__slug=slug, position=int(position))
        for point in points.select_related("resolution"):
            words = {"title": point.resolution.title, "number": point.position}
            yield Choice(value, gettext("%(title)s, Punkt %(number)s") % words, point.pk)

    def _known(self, data: QueryDict) -> QueryDict:
        """What of `data` this list understands; the rest goes to `unknown`."""
        known = QueryDict(mutable=True)
        if query := " ".join(data.get("q", "").replace("\x00", " ").split())[:MAX_QUERY_LENGTH]:
            known["q"] = query
        for name, choices in self.choices.items():
            values = dict.fromkeys(data.getlist(name))
            if chosen := [value for value in values if value in choices]:
                known.setlist(name, chosen[:1] if name in SINGLE else chosen)
            self.unknown += [value for value in values if value and value not in choices]
        if (order := data.get("sortierung")) in ORDERS:
            known["sortierung"] = order
        elif order:
            self.unknown.append(order)
        return known

    def get_form_class(self) -> type[Form]:
        """A form of the filters in use; the others would cost each list their fields and change nothing."""
        used = {name: filter_.field for name, filter_ in self.filters.items() if name in self.data}
        return type("MeasureFilterForm", (self._meta.form,), used)

    @property
    def district_names(self) -> dict[int, str]:
        """The districts by key, as the reader may see them."""
        return {choice.key: choice.label for choice in self.choices["ortsteil"].values()}

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        if self.count > FEW:
            return rows
        # Otherwise it would look at all the others too, to find that they are none.
        return rows.filter(pk__in=self.facets.keys_of(self._matching()))

    # ── what is chosen ──────────────────────────────────────────────────────────────────────────────────

    def containing(self, rows: MeasureQuerySet, name: str, query: str) -> Any:
        return rows.search(query)

    def in_fields(self, rows: MeasureQuerySet, name: str, values: list[str]) -> MeasureQuerySet:
        return rows.filter(field__in=self._keys(name, values))

    def with_standings(self, rows: MeasureQuerySet, name: str, values: list[str]) -> MeasureQuerySet:
        return rows.with_standing(self.today).filter(standing__in=values)

    def in_strands(self, rows: MeasureQuerySet, name: str, values: list[str]) -> MeasureQuerySet:
        return rows.filter(_linked(Measure.strands, strand__in=self._keys(name, values)))

    def of_kinds(self, rows: MeasureQuerySet, name: str, values: list[str]) -> MeasureQuerySet:
        return rows.filter(kind__in=values)

    def in_districts(self, rows: MeasureQuerySet, name: str, values: list[str]) -> MeasureQuerySet:
        somewhere = Q(_linked(Measure.districts, district__in=self._keys(name, values)))
        return rows.filter(somewhere | ~_linked(Measure.districts) if WHOLE_CITY in values else somewhere)

    def led_by(self, rows: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        return rows.filter(lead__in=self._keys(name, [value]))

    def of_year(self, rows: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        return rows.filter(number__startswith=f"M-{value}-")

    def resting_on(self, rows: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        return rows.filter(_linked(Measure.decided_in, resolutionpoint__in=self._keys(name, [value])))

    def ordered(self, rows: MeasureQuerySet, name: str, value: str) -> MeasureQuerySet:
        return rows.order_by(*ORDERS[value][1])

    def _keys(self, name: str, values: Iterable[str]) -> list[Any]:
        return [self.choices[name][value].key for value in values]

    # ── what remains ────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def count(self) -> int:
        """How many measures are on the list."""
        return self._count()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order is chosen."""
        return any(self.data.getlist(name) for name in ("q", *AXES))

    @property
    def query(self) -> str:
        """The words searched for."""
        return self.data.get("q", "")

    @property
    def order(self) -> str:
        """The name of the order."""
        return self.data.get("sortierung") or next(iter(ORDERS))

    @property
    def orders(self) -> list[tuple[str, Any, str]]:
        """The orders on offer: name, words, address of this list in that order."""
        return [(name, label, self._address(sortierung=[name])) for name, (label, _columns) in ORDERS.items()]

    @property
    def unknown_values(self) -> list[str]:
        """What the address says and the portal does not know, as far as it is worth repeating."""
        return [value[:MAX_NAMED_LENGTH] for value in self.unknown[:MAX_NAMED]]

    def groups(self) -> list[Group]:
        """Each axis with its choices, and what each finds together with all that is chosen on the other axes."""
        groups = []
        for name, (axis, heading) in AXES.items():
            if name == "beschluss" and not self.choices[name]:
                continue
            counts = self.facets.counts(axis, self._matching(**{name: []}))
            chosen = self.data.getlist(name)
            options = tuple(
                Option(choice.value, choice.label, counts.get(choice.key, 0), choice.value in chosen)
                for choice in self.choices[name].values()
            )
            groups.append(Group(name, heading, name in SINGLE, bool(chosen), options))
        return groups

    def chips(self) -> list[WayOut]:
        """Everything chosen, value by value."""
        chips = [WayOut(_("Suche"), self.query, self._address(q=[]), self._count(q=[]))] if self.query else []
        for name, (_axis, heading) in AXES.items():
            chosen = self.data.getlist(name)
            for value in chosen:
                rest = {name: [other for other in chosen if other != value]}
                label = self.choices[name][value].label
                chips.append(WayOut(heading, label, self._address(**rest), self._count(**rest)))
        return chips

    def loosened(self) -> list[WayOut]:
        """Each single filter without which there would be something on the list."""
        headings = {"q": _("Suche")} | {name: heading for name, (_axis, heading) in AXES.items()}
        ways = (
            WayOut(heading, heading, self._address(**{name: []}), self._count(**{name: []}))
            for name, heading in headings.items()
            if self.data.getlist(name)
        )
        return [way for way in ways if way.count]

    @cached_property
    def _found(self) -> int:
        """The bits of the measures that the search finds."""
        if not self.query:
            return self.facets.everything
        return self.facets.those(self.queryset.search(self.query).order_by().values_list("pk", flat=True))

    def _matching(self, **instead: list[str]) -> int:
        """The bits of what is on the list, with other values for some parameters."""
        chosen = {
            axis: self._keys(name, instead.get(name, self.data.getlist(name))) for name, (axis, _label) in AXES.items()
        }
        return self.facets.matching(chosen, self.facets.everything if "q" in instead else self._found)

    def _count(self, **instead: list[str]) -> int:
        return self._matching(**instead).bit_count()

    def _address(self, **instead: list[str]) -> str:
        """This list with other values for some parameters, from its first page."""
        address = self.data.copy()
        for name, values in instead.items():
            address.setlist(name, values)
        return f"?{address.urlencode()}"


def point_value(slug: str, position: int) -> str:
    """How an address names a point of the resolution `slug`."""
    return f"{slug}.{position}"


def _linked(relation: Any, **conditions: Any) -> Exists:
    """Whether a measure has a link in `relation` that meets `conditions`; asked row by row, so no row comes twice."""
    links: QuerySet = relation.through.objects.filter(measure=OuterRef("pk"), **conditions)
    return Exists(links)
