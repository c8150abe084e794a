"""The pages that the operator answers for: Markdown (CommonMark), the portal's text until there is an own one."""

import re
from pathlib import Path

import nh3
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dialog.models import SitePage, User

from . import richtext

Kind = SitePage.Kind

#: What stands in square brackets is still to be filled in; a link's text is no longer in brackets once it is HTML.
_PLACEHOLDER = re.compile(r"\[([^\[\]<>]+)\]")
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")


def own_text(kind: str) -> str:
    """The portal's own text of a page, as Markdown."""
    return (Path(settings.BASE_DIR) / "templates/pages" / f"{kind}.md").read_text()


def text(kind: str) -> str:
    """What stands on a page now, as Markdown: the operator's text, else the portal's."""
    return SitePage.objects.filter(kind=kind).values_list("text", flat=True).first() or own_text(kind)


def has_gaps(markdown: str) -> bool:
    """Whether something in square brackets is still to be filled in."""
    return bool(_PLACEHOLDER.search(nh3.clean(_markdown.render(markdown), tags=set())))


def rendered(markdown: str) -> SafeString:
    """Safe HTML. Headings begin below the page's own and leave out no level; `{kontakt}` and `{tage}` are filled in."""
    filled = markdown.replace("{kontakt}", f"<{settings.CONTACT_EMAIL}>").replace(
        "{tage}", str(settings.SESSION_COOKIE_AGE // (24 * 3600))
    )
    tokens = _markdown.parse(filled)
    _order_headings(tokens)
    html = nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=richtext.TAGS | {"h2", "h3", "h4", "hr"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    return mark_safe(_PLACEHOLDER.sub(r'<span class="placeholder">\1</span>', html))


def _order_headings(tokens: list[Token]) -> None:
    """Makes the highest heading an h2 and each of the others at most one level deeper than the one before."""
    level = 1
    for token in tokens:
        if token.type == "heading_open":
            level = max(2, min(int(token.tag[1:]), level + 1, 4))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"


def write(kind: str, markdown: str, *, by: User) -> None:
    """Puts the operator's text on a page. PermissionDenied; ValidationError for an unknown page or an empty text."""
    _may_edit(by)
    markdown = markdown.replace("\x00", "").replace("\r\n", "\n").strip()
    if kind not in Kind.values:
        raise ValidationError(_("Diese Seite gibt es nicht."))
    if not markdown:
        raise ValidationError({"text": _("Der Text fehlt.")})
    SitePage.objects.update_or_create(kind=kind, defaults={"text": markdown})


def restore(kind: str, *, by: User) -> None:
    """Puts the portal's own text back on a page; the operator's stays in its history. PermissionDenied."""
    _may_edit(by)
    for page in SitePage.objects.filter(kind=kind):
        page.delete()


def _may_edit(by: User) -> None:
    if not by.has_perm("dialog.edit_pages"):
        raise PermissionDenied
