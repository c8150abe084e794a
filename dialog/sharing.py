"""How a page presents itself elsewhere: in search engines, and where people share its address.

Each floor registers, in its `AppConfig.ready`, what is to be said about its rows: only facts that stand on the
row's public page.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

#: In a script element these would end it or begin a comment; in JSON they may be written like this.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@dataclass(frozen=True)
class Card:
    """A row in a few words, and as schema.org describes it (`data`, without `@context`; empty without such a type)."""

    kind: str
    title: str
    detail: str = ""
    data: dict[str, Any] = field(default_factory=dict)


_cards: dict[type[Model], Callable[[Any], Card]] = {}


def register(model: type[Model], card: Callable[[Any], Card]) -> None:
    """Says how rows of `model` present themselves. The model needs `visible_to` and `get_absolute_url`."""
    _cards[model] = card


def model_named(name: str) -> type[Model] | None:
    """The registered model of that name (`measure`), as picture addresses have it."""
    return next((model for model in _cards if model._meta.model_name == name), None)


def card_of(row: Model) -> Card:
    """KeyError if nobody has registered how such rows present themselves."""
    return _cards[type(row)](row)


def portal_card() -> Card:
    return Card(
        kind=_("Lüner Dialog"),
        title=_("Was ist beschlossen, und was ist daraus geworden?"),
        detail=_("Maßnahmen, Arbeitsgruppen, Ratsbeschlüsse und Berichte"),
    )


def absolute(address: str) -> str:
    """`address` as the public knows it."""
    return f"{settings.BASE_URL}{address}"


def head(path: str, row: Model | None = None) -> SafeString:
    """What stands in the head of a page: its canonical address, Open Graph, and linked data about `row`."""
    card = card_of(row) if row is not None else portal_card()
    address = row.get_absolute_url() if row is not None else path  # type: ignore[attr-defined]
    picture = (
        reverse("share_picture", args=[row._meta.model_name, row.pk]) if row is not None else reverse("portal_picture")
    )
    html = format_html(
        '<link rel="canonical" href="{address}">\n'
        '<meta property="og:type" content="{type}">\n<meta property="og:site_name" content="{site}">\n'
        '<meta property="og:title" content="{title}">\n<meta property="og:description" content="{description}">\n'
        '<meta property="og:url" content="{address}">\n<meta property="og:locale" content="{locale}">\n'
        '<meta property="og:image" content="{picture}">\n<meta property="og:image:type" content="image/png">\n'
        '<meta property="og:image:width" content="1200">\n<meta property="og:image:height" content="630">\n'
        '<meta property="og:image:alt" content="{alt}">\n<meta name="twitter:card" content="summary_large_image">',
        address=absolute(address),
        type="article" if row is not None else "website",
        site=_("Lüner Dialog"),
        title=card.title,
        description=f"{card.kind} · {card.detail}" if card.detail else card.kind,
        locale={"de": "de_DE", "en": "en_GB"}.get(get_language() or "de", "de_DE"),
        picture=absolute(picture),
        alt=f"{card.kind}: {card.title}",
    )
    return mark_safe(f"{html}\n{linked_data(card, address)}") if card.data else html


def linked_data(card: Card, address: str) -> SafeString:
    """The card as JSON-LD with schema.org's words. Not a script to the browser, so the policy lets it be."""
    data = {"@context": "https://schema.org", "name": card.title, "url": absolute(address), **card.data}
    written = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')


def city() -> dict[str, Any]:
    """Who is behind the dialogue."""
    return {"@type": "GovernmentOrganization", "name": _("Stadt Lünen"), "url": absolute("/")}
