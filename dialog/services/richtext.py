"""Formatted text that people type or paste: only what minutes need comes in, whatever was pasted."""

import re
from html import unescape

import nh3
from django.core.exceptions import ValidationError
from django.utils.html import escape, linebreaks, strip_tags
from django.utils.translation import gettext as _

TAGS = {
    *{"p", "br", "strong", "em", "u", "s", "blockquote", "a", "ul", "ol", "li"},
    *{"table", "caption", "thead", "tbody", "tr", "th", "td"},
}
ATTRIBUTES = {"a": {"href"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
#: What goes with all that is in it.
DROPPED = {"script", "style", "title", "head", "xml", "template", "noscript", "iframe", "object", "svg", "math"}
MAX_LENGTH = 200_000

#: How word processors write what HTML has own elements for.
_REWRITTEN = [
    (re.compile(r"<!--.*?-->|<!\[.*?\]>|<\?xml.*?>", re.DOTALL), ""),
    (re.compile(r"<(/?)o:p\b[^>]*>", re.IGNORECASE), ""),
    (re.compile(r"<span[^>]*mso-list:\s*Ignore[^>]*>.*?</span>(\s*</span>)*", re.IGNORECASE | re.DOTALL), ""),
    (re.compile(r"<p\b[^>]*MsoListParagraph[^>]*>(.*?)</p>", re.IGNORECASE | re.DOTALL), r"<ul><li>\1</li></ul>"),
    (re.compile(r"</ul>\s*<ul>"), ""),
    (re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]>", re.IGNORECASE | re.DOTALL), r"<p><strong>\1</strong></p>"),
    (re.compile(r"<(/?)b(?=[\s>])[^>]*>", re.IGNORECASE), r"<\1strong>"),
    (re.compile(r"<(/?)i(?=[\s>])[^>]*>", re.IGNORECASE), r"<\1em>"),
    (re.compile(r"<(/?)div\b[^>]*>", re.IGNORECASE), r"<\1p>"),
]
_EMPTY = re.compile(r"<(p|li|strong|em|u|ul|ol)>(\s|&nbsp;|\u00a0|<br>)*</\1>")


def clean(text: str) -> str:
    """Safe HTML from what somebody typed, as HTML or as plain text. ValidationError if it is too long."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > MAX_LENGTH:
        raise ValidationError(
            _("Der Text ist zu lang: höchstens %(limit)d Zeichen sind möglich."), params={"limit": MAX_LENGTH}
        )
    if not re.search(r"<[a-zA-Z!/]", text):
        return linebreaks(escape(text.replace("&nbsp;", " "))) if text else ""
    for pattern, written in _REWRITTEN:
        text = pattern.sub(written, text)
    text = nh3.clean(
        text,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags=DROPPED,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    before = None
    while before != text:
        before, text = text, _EMPTY.sub("", text)
    return text.strip()


def words(text: str) -> str:
    """The text alone, its blocks apart by line breaks."""
    blocks = re.sub(r"</(p|li|tr|blockquote|table|ul|ol)>|<br>", "\n", text)
    blocks = re.sub(r"</t[dh]>", " ", blocks)
    return "\n".join(line.strip() for line in unescape(strip_tags(blocks)).splitlines() if line.strip())
