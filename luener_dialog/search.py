"""Search over the whole portal: one question to each kind of entry, each through its own `visible_to`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, OuterRef, QuerySet, Value, When, Window
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conferences.models import Conference
from dialog.models import Body, Declaration, Minutes, Organization, Process, Recommendation
from dialog.search import MAX_QUERY_LENGTH, MAX_WORDS, alternatives
from measures.models import CooperationAgreement, Measure, Resolution

#: So many of each kind stand on the first result page, and on a page of one kind alone.
SHOWN, PAGE_SIZE = 5, 20
#: Signs of a text that are shown around the first hit.
EXCERPT_LENGTH = 220


@dataclass(frozen=True)
class Kind:
    """A kind of entry: its rows for a reader, the columns for heading and excerpt, a list page that takes `q`."""

    slug: str
    name: Any
    rows: Callable[[Any], QuerySet]
    title: str
    text: str
    list_page: str = ""

    def found(self, query: str, user: Any) -> QuerySet:
        """The rows that contain all words of `query`, those that have it in their heading first."""
        rows = self.rows(user)
        in_heading = Case(When(**{f"{self.title}__icontains": query}, then=Value(0)), default=Value(1))
        return rows.search(query).order_by(in_heading, *rows.model._meta.ordering)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Hit:
    """A row, and of its text the part around the first word found, with the words marked."""

    row: Any
    excerpt: SafeString


@dataclass(frozen=True)
class Group:
    """What was found of one kind: the first hits, how many there are in all, and where the others stand."""

    kind: Kind
    hits: list[Hit]
    total: int
    more: str


def _carriers(user: Any) -> QuerySet:
    """Institutions with something to show: those that lead a measure this reader sees."""
    led = Measure.objects.visible_to(user).filter(lead=OuterRef("pk"))
    return Organization.objects.visible_to(user).filter(Exists(led))


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            "massnahmen",
            _("Maßnahmen und Projekte"),
            lambda user: Measure.objects.visible_to(user).select_related("field"),
            "title",
            "summary",
            "measures",
        ),
        Kind("beschluesse", _("Ratsbeschlüsse"), Resolution.objects.visible_to, "title", "summary"),
        Kind(
            "empfehlungen",
            _("Handlungsempfehlungen"),
            lambda user: Recommendation.objects.visible_to(user).select_related("field", "body"),
            "title",
            "wording",
            "recommendations",
        ),
        Kind("gremien", _("Arbeitsgruppen und Gremien"), Body.objects.visible_to, "name", "task"),
        Kind("konferenzen", _("Konferenzen"), Conference.objects.visible_to, "title", "summary"),
        Kind(
            "vereinbarungen",
            _("Kooperationsvereinbarungen"),
            lambda user: CooperationAgreement.objects.visible_to(user).select_related("field"),
            "title",
            "text",
        ),
        Kind("erklaerungen", _("Erklärungen"), Declaration.objects.visible_to, "title", "text"),
        Kind(
            "niederschriften",
            _("Niederschriften"),
            lambda user: Minutes.objects.visible_to(user).select_related("meeting__body"),
            "meeting__title",
            "public_words",
        ),
        Kind("prozesse", _("Dialogprozesse"), Process.objects.visible_to, "name", "summary"),
        Kind("institutionen", _("Institutionen"), _carriers, "name", ""),
    )
}


def cleaned(query: str) -> str:
    """What somebody typed, as it is searched for and shown: no control characters, no more than the search reads."""
    printable = "".join(sign if sign.isprintable() else " " for sign in query[: 2 * MAX_QUERY_LENGTH])
    return " ".join(printable.split()[:MAX_WORDS])[:MAX_QUERY_LENGTH]


def everywhere(query: str, user: Any) -> list[Group]:
    """For each kind of entry with something in it: the first rows that contain all words of `query`."""
    groups = []
    for kind in KINDS.values():
        rows = list(kind.found(query, user).annotate(total=Window(Count("*")))[:SHOWN])
        if rows:
            more = {"q": query} if kind.list_page else {"q": query, "art": kind.slug}
            address = f"{reverse(kind.list_page or 'search')}?{urlencode(more)}"
            groups.append(Group(kind, _hits(kind, rows, query), rows[0].total, address))
    return groups


def in_kind(kind: Kind, query: str, user: Any, page: str | None) -> tuple[Group, Page]:
    """One page of what was found of one kind; a page that does not exist becomes the nearest."""
    page_of_rows = Paginator(kind.found(query, user), PAGE_SIZE).get_page(page)
    return Group(kind, _hits(kind, page_of_rows, query), page_of_rows.paginator.count, ""), page_of_rows


def _hits(kind: Kind, rows: Any, query: str) -> list[Hit]:
    words = [*query.split(), *chain.from_iterable(alternatives(query))]
    return [Hit(row, excerpt(getattr(row, kind.text) if kind.text else "", words)) for row in rows]


def excerpt(text: str, words: Sequence[str]) -> SafeString:
    """Part of `text` around the first of `words` in it, with all of them marked; its beginning if none is there."""
    pattern = re.compile("(" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE)
    text = " ".join(text.split())
    hit = pattern.search(text) if words else None
    start = max(0, hit.start() - EXCERPT_LENGTH // 3) if hit else 0
    if start:
        start = text.find(" ", start) + 1
    part = text[start : start + EXCERPT_LENGTH]
    if start + EXCERPT_LENGTH < len(text):
        part = part.rsplit(" ", 1)[0] + " …"
    if start:
        part = "… " + part
    pieces = pattern.split(part) if words else [part]
    return format_html_join("", "{}", ((piece,) for piece in pieces[:1])) + format_html_join(
        "",
        "<mark>{}</mark>{}",
        zip(pieces[1::2], pieces[2::2], strict=True),
    )
