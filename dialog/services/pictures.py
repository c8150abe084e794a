"""Pictures that come in: made smaller for the page, upright, and without what the camera wrote into them."""

from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps

#: The longest side of the picture that is kept, and the width of its small copy.
LARGE, SMALL = 1600, 640
#: No picture may have more points: opened, 60 million take 180 MB.
MOST_POINTS = 60_000_000
#: Of JPEG, where a page shows no difference to more.
QUALITY = 82
#: Content type → Pillow's name for it.
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
#: All else that is written into a file, such as place and comments, is left out.
KEPT_OF_A_PICTURE = ("transparency", "icc_profile")


@dataclass(frozen=True)
class Picture:
    """A picture as a file, with its size in points."""

    content: bytes
    width: int
    height: int


def is_picture(content_type: str) -> bool:
    """Whether files of this type are shown as pictures."""
    return content_type in FORMATS


def shrink(content: bytes, content_type: str) -> tuple[Picture, Picture]:
    """A picture for the page and a small copy, both without metadata such as the place where it was taken.

    ValidationError if it is broken or beyond all measure.
    """
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint allows half a picture, for all of the process
    try:
        with Image.open(BytesIO(content), formats=[FORMATS[content_type]]) as opened:
            if opened.width * opened.height > MOST_POINTS:
                raise ValidationError(_("Das Bild ist zu groß: höchstens 60 Millionen Bildpunkte sind möglich."))
            picture = ImageOps.exif_transpose(opened)
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValidationError(_("Das Bild lässt sich nicht öffnen. Bitte speichern Sie es neu.")) from None
    if content_type == "image/jpeg" and picture.mode not in {"RGB", "L"}:
        picture = picture.convert("RGB")
    large = picture.copy()
    large.thumbnail((LARGE, LARGE))
    small = large.copy()
    small.thumbnail((SMALL, LARGE))
    return _file(large, content_type), _file(small, content_type)


def _file(picture: Image.Image, content_type: str) -> Picture:
    picture.info = {name: picture.info[name] for name in KEPT_OF_A_PICTURE if name in picture.info}
    kept = BytesIO()
    picture.save(kept, FORMATS[content_type], quality=QUALITY, optimize=True)
    return Picture(kept.getvalue(), picture.width, picture.height)
