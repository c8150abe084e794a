"""What a file must not bring along although its type is allowed: scripts, programs, macros."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO, Any

import pikepdf
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: Actions of a PDF that run something or send something away (ISO 32000, 12.6.4).
_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/RichMediaExecute", "/GoToE"}
#: Annotations that play what is inside them.
_PLAYED = {"/RichMedia", "/Screen", "/Movie", "/3D"}
#: How programs begin: Windows, Linux, macOS, scripts.
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe", b"#!")
_PROGRAM_SUFFIXES = {
    *{".exe", ".dll", ".com", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta"},
    *{".jar", ".lnk", ".sh", ".app", ".dmg", ".reg", ".docm", ".xlsm", ".pptm"},
}
#: Parts of office files that hold macros.
_MACROS = ("vbaproject.bin", "basic/", "scripts/")

#: Dictionaries deeper inside each other than this are no document.
_DEEPEST = 60


def check(content_type: str, file: IO[bytes]) -> None:
    """ValidationError in words if `file`, of a type that is allowed, holds something that could run."""
    file.seek(0)
    if content_type == "application/pdf":
        _check_pdf(file)
    elif "officedocument" in content_type or "opendocument" in content_type:
        _check_office(file)
    file.seek(0)


def _check_pdf(file: Any) -> None:
    try:
        with pikepdf.open(file) as pdf:
            dangers = {danger for row in pdf.objects for danger in _dangers(row)}
    except pikepdf.PasswordError:
        raise ValidationError(
            _("Dieses PDF ist mit einem Passwort geschützt. Bitte laden Sie es ohne Passwort hoch.")
        ) from None
    except pikepdf.PdfError:
        raise ValidationError(_("Dieses PDF ist beschädigt und lässt sich nicht öffnen.")) from None
    if "program" in dangers:
        raise ValidationError(_("In diesem PDF steckt ein Programm als Anhang. Bitte laden Sie es ohne Anhang hoch."))
    if dangers:
        raise ValidationError(
            _(
                "Dieses PDF enthält ein Skript oder eine Aktion, die beim Öffnen etwas ausführt. Bitte speichern Sie "
                "es neu, zum Beispiel mit „Drucken als PDF“, und laden Sie es dann hoch."
            )
        )


def _dangers(row: Any, depth: int = 0) -> Iterator[str]:
    """What could run in one object of a PDF and in what stands directly inside it; references have their own turn."""
    if depth > _DEEPEST:
        yield "script"
        return
    if isinstance(row, pikepdf.Array):
        for value in row:
            if isinstance(value, pikepdf.Object) and not value.is_indirect:
                yield from _dangers(value, depth + 1)
    elif isinstance(row, (pikepdf.Dictionary, pikepdf.Stream)):
        entries = dict(row.items())
        yield from _dangers_of(entries)
        if entries.get("/Type") == "/EmbeddedFile" and _beginning(row).startswith(_PROGRAMS):
            yield "program"
        for value in entries.values():
            if isinstance(value, pikepdf.Object) and not value.is_indirect:
                yield from _dangers(value, depth + 1)


def _beginning(stream: Any) -> bytes:
    """The first bytes of what is attached, without unpacking the rest: it may be packed to swell beyond measure."""
    packed = stream.read_raw_bytes()
    if str(stream.get("/Filter", "")) == "/FlateDecode":
        with contextlib.suppress(zlib.error):
            return zlib.decompressobj().decompress(packed, 8)
    return packed[:8]


def _dangers_of(entries: dict[str, Any]) -> Iterator[str]:
    if {"/JS", "/JavaScript", "/AA"} & set(entries):
        yield "script"
    if str(entries.get("/S", "")) in _ACTIONS or str(entries.get("/Subtype", "")) in _PLAYED:
        yield "script"
    if entries.get("/Type") == "/Filespec":
        names = (str(entries.get(key, "")) for key in ("/F", "/UF"))
        if any(PurePath(name).suffix.lower() in _PROGRAM_SUFFIXES for name in names):
            yield "program"


def _check_office(file: IO[bytes]) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name.lower() for name in archive.namelist()]
    except zipfile.BadZipFile:
        raise ValidationError(_("Diese Datei ist beschädigt und lässt sich nicht öffnen.")) from None
    if any(name.endswith(_MACROS[0]) or name.startswith(_MACROS[1:]) for name in names):
        raise ValidationError(
            _("Diese Datei enthält Makros. Bitte speichern Sie sie ohne Makros und laden Sie sie dann hoch.")
        )
    if any(PurePath(name).suffix in _PROGRAM_SUFFIXES for name in names):
        raise ValidationError(_("In dieser Datei steckt ein Programm. Bitte laden Sie sie ohne das Programm hoch."))
