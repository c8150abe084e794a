"""The list of measures: what can be chosen, what is chosen, and what then remains.

Everything chosen is in the address, so that a list can be sent on. What an address says and the portal does not
know is left out and named, never an error.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import F, Value
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dialog import search, stamp
from dialog.models import District, FieldOfAction, Organization, Strand

from . import facets
from .models import Goal, Guideline, Measure, ResolutionPoint
from .models.measures import Standing

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
    "ziel": ("goal", _("Ziel")),
    "leitlinie": ("guideline", _("Leitlinie")),
}
#: Readers come to these from the page of a resolution or a field: the form does not offer them.
IN_ADDRESS_ONLY = {"beschluss", "ziel", "leitlinie"}
#: Of these one value is chosen at a time, because there may be many.
SINGLE = {"federfuehrung", "jahr", *IN_ADDRESS_ONLY}
#: These standings are offered only where some measure has them.
RARE = {Standing.PROPOSED, Standing.STOPPED, Standing.MERGED}
WHOLE_CITY = "ganze-stadt"
#: What the orders of `facets.ORDERS` are called.
ORDERS = {
    "neues": _("neueste Nachricht"),
    "ende": _("geplantes Ende"),
    "titel": _("Titel"),
    "nummer": _("Nummer"),
}
#: The list may be looked at as a table instead.
VIEW, TABLE = "ansicht", "tabelle"
MAX_POSITION_DIGITS, MAX_KEY_DIGITS = 4, 9
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


@dataclass(frozen=True)
class Found:
    """The primary keys of the measures on a list, without their rows; for a `Paginator`."""

    facets: facets.Facets
    bits: int
    order: str

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __iter__(self) -> Iterator[int]:
        return self.facets.keys_in(self.order, self.bits)

    def __getitem__(self, part: slice) -> list[int]:
        return list(islice(self, part.start, part.stop))


class MeasureFilter:
    """The measures that `user` may read, narrowed by the parameters of an address; standings are those of `today`.

    The year is the one in a measure's number, when it was taken into the dialogue: every measure has it, the
    reader sees it, and unlike beginning and end it never changes.
    """

    def __init__(self, data: QueryDict, *, user: Any, today: dt.date) -> None:
        self.user = user
        self.facets = facets.of(Measure.objects.visible_to(user), today)
        self.named = stamp.kept(("names of filters", user.pk), self._named)
        self.choices = {
            name: {choice.value: choice for choice in self._choices(axis, data)}
            for name, (axis, _heading) in AXES.items()
        }
        self.unknown: list[str] = []
        self.data = self._known(data)

    # ── what can be chosen ──────────────────────────────────────────────────────────────────────────────

    def _choices(self, axis: str, data: QueryDict) -> Iterator[Choice]:
        """The values of an axis in reading order; institutions and years only if some measure has them."""
        had = self.facets.bits[axis]
        match axis:
            case "field" | "strand" | "lead":
                yield from self.named[axis]
            case "standing":
                yield from (
                    Choice(row.value, row.label, row.value) for row in Standing if row in had or row not in RARE
                )
            case "kind":
                yield from (Choice(row.value, row.label, row.value) for row in Measure.Kind)
            case "district":
                yield from self.named[axis]
                yield Choice(WHOLE_CITY, _("ganze Stadt"), facets.WHOLE_CITY)
            case "year":
                yield from (Choice(str(year), str(year), year) for year in sorted(had, reverse=True))
            case "point":
                yield from self._points(data.get("beschluss", ""))
            case "goal":
                yield from self._row(Goal, data.get("ziel", ""))
            case "guideline":
                yield from self._row(Guideline, data.get("leitlinie", ""))

    def _named(self) -> dict[str, list[Choice]]:
        """The choices of the axes whose values have names of their own, in one query for all of them."""
        first, *others = (
            rows.visible_to(self.user)
            .annotate(axis=Value(axis), place=place, value=F(column))
            .order_by()
            .values_list("axis", "place", "name", "pk", "value")
            for axis, rows, column, place in (
                ("field", FieldOfAction.objects, "slug", F("position")),
                ("strand", Strand.objects, "code", F("position")),
                ("district", District.objects, "slug", Value(0)),
                ("lead", Organization.objects.filter(pk__in=list(self.facets.bits["lead"])), "slug", Value(0)),
            )
        )
        named: dict[str, list[Choice]] = defaultdict(list)
        for axis, _place, name, key, value in first.union(*others, all=True).order_by("place", "name"):
            named[axis].append(Choice(value, name, key))
        return named

    def _row(self, model: type[Goal] | type[Guideline], value: str) -> Iterator[Choice]:
        """The one row whose key the address names."""
        if value.isdecimal() and len(value) <= MAX_KEY_DIGITS:
            for row in model.objects.visible_to(self.user).filter(pk=int(value)):
                yield Choice(value, row.title, row.pk)

    def _points(self, value: str) -> Iterator[Choice]:
        """The one point that the address names."""
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
        if query := " ".join(data.get("q", "").replace("\x00", " ").split())[: search.MAX_QUERY_LENGTH]:
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
        if (view := data.get(VIEW)) == TABLE:
            known[VIEW] = view
        elif view:
            self.unknown.append(view)
        return known

    @property
    def district_names(self) -> dict[int, str]:
        """The districts by key, as the reader may see them."""
        return {choice.key: choice.label for choice in self.choices["ortsteil"].values()}

    # ── what is chosen ──────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def found(self) -> "Found":
        """The measures on the list, in its order."""
        return Found(self.facets, self._matching(), self.order)

    def _keys(self, name: str, values: Iterable[str]) -> list[Any]:
        return [self.choices[name][value].key for value in values]

    # ── what remains ────────────────────────────────────────────────────────────────────────────────────

    @property
    def count(self) -> int:
        """How many measures are on the list."""
        return len(self.found)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order and the table is chosen."""
        return any(self.data.getlist(name) for name in ("q", *AXES))

    @property
    def query(self) -> str:
        """The words searched for."""
        return self.data.get("q", "")

    @property
    def order(self) -> str:
        """The name of the order."""
        return self.data.get("sortierung", facets.USUAL)

    @property
    def orders(self) -> list[tuple[str, Any, str]]:
        """The orders on offer: name, words, address of this list in that order."""
        return [(name, label, self._address(sortierung=[name])) for name, label in ORDERS.items()]

    @property
    def is_table(self) -> bool:
        """Whether the list is to be a table."""
        return VIEW in self.data

    @property
    def other_view(self) -> str:
        """The address of this list as a table, or of this table as a list."""
        return self._address(**{VIEW: [] if self.is_table else [TABLE]})

    @property
    def unnarrowed(self) -> str:
        """The address of the list of everything, in this order and view."""
        return self._address(**{name: [] for name in ("q", *AXES)})

    @property
    def unknown_values(self) -> list[str]:
        """What the address says and the portal does not know, as far as it is worth repeating."""
        return [value[:MAX_NAMED_LENGTH] for value in self.unknown[:MAX_NAMED]]

    def groups(self) -> list[Group]:
        """Each axis with its choices, and what each finds together with all that is chosen on the other axes."""
        groups = []
        for name, (axis, heading) in AXES.items():
            if name in IN_ADDRESS_ONLY and not self.choices[name]:
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
        return self.facets.those(search.keys(Measure, self.user, self.query))

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
