"""The picture that stands beside a shared address: drawn from a card, in the portal's colours."""

from functools import cache
from io import BytesIO
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from dialog.sharing import Card

#: The size that Open Graph's readers expect.
WIDTH, HEIGHT = 1200, 630
MARGIN, TITLE_LINES = 84, 4
INK, AMBER, PAPER, SOFT = "#0a3540", "#e3a21a", "#ffffff", "#bfd4d8"


@cache
def _font(weight: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(settings.ASSETS_DIR) / "fonts" / f"fira-sans-{weight}.woff2", size)


def draw(card: Card) -> bytes:
    """The card as PNG, 1200 × 630 pixels."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), INK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, HEIGHT - 18, WIDTH, HEIGHT), fill=AMBER)
    pen.text((MARGIN, MARGIN), "Lüner Dialog", font=_font(600, 38), fill=PAPER)
    size, lines = _fitted(pen, card.title)
    top = 190
    if card.kind != "Lüner Dialog":
        pen.text((MARGIN, top), _shortened(pen, card.kind, _font(400, 34)), font=_font(400, 34), fill=AMBER)
        top += 62
    for line in lines:
        pen.text((MARGIN, top), line, font=_font(600, size), fill=PAPER)
        top += round(size * 1.22)
    if card.detail:
        pen.text((MARGIN, HEIGHT - 110), _shortened(pen, card.detail, _font(400, 34)), font=_font(400, 34), fill=SOFT)
    written = BytesIO()
    picture.quantize(64).save(written, "PNG", optimize=True)
    return written.getvalue()


def _fitted(pen: ImageDraw.ImageDraw, title: str) -> tuple[int, list[str]]:
    """The largest size at which the title fits, and its lines; a title too long even for the smallest ends in dots."""
    for size in (68, 58, 50, 44):
        lines = _wrapped(pen, title, _font(600, size))
        if len(lines) <= (3 if size > 50 else TITLE_LINES):
            return size, lines
    *shown, last = lines[:TITLE_LINES]
    return size, [*shown, _shortened(pen, f"{last} …", _font(600, size))]


def _wrapped(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or pen.textlength(longer, font=font) <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return [_shortened(pen, line, font) for line in lines]


def _shortened(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont) -> str:
    """The text, cut to the width of the picture."""
    if pen.textlength(text, font=font) <= WIDTH - 2 * MARGIN:
        return text
    while text and pen.textlength(f"{text}…", font=font) > WIDTH - 2 * MARGIN:
        text = text[:-1]
    return f"{text.rstrip()}…"
