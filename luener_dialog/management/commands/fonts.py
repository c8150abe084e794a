import logging
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from fontTools import subset

SOURCE = settings.BASE_DIR / "node_modules/@kern-ux/native/dist/fonts/fira-sans"
FONTS = {
    "FiraSans-Regular.woff2": "fira-sans-400.woff2",
    "FiraSans-SemiBold.woff2": "fira-sans-600.woff2",
    "FiraSans-Italic.woff2": "fira-sans-400-italic.woff2",
}
# Latin with its Extended-A (Turkish and Polish names), Romanian's comma letters, the signs of German texts.
LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x218, 0x21C)]
SIGNS = "ẞ–—‘’‚“”„‹›•…€−≈≠≤≥→←↑↓↗↘"
UNICODES = LETTERS + [ord(sign) for sign in SIGNS]
FEATURES = ["kern", "liga", "tnum", "locl", "mark", "mkmk", "ccmp"]
COPYRIGHT_NAMES_AND_LICENCE = [0, 1, 2, 3, 4, 5, 6, 13, 14]


class Command(BaseCommand):
    """Cuts KERN's Fira Sans down to the letters the portal shows, for pages and PDFs.

    As shipped a weight has 130 kB and 1,700 characters, Greek and Cyrillic among them; the subset has about
    20 kB, so that the first visit stays small without asking another server for fonts. What Fira Sans does
    not have (✓ for example) cannot be in the subset either: draw it.

    Does nothing when the files are younger than their sources and than this list.
    """

    help = "Writes the subset fonts to var/static/fonts."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        target = settings.ASSETS_DIR / "fonts"
        target.mkdir(parents=True, exist_ok=True)
        for source, name in FONTS.items():
            if not (SOURCE / source).exists():
                raise CommandError(f"{SOURCE / source} is missing: run `npm ci` first.")
            if not up_to_date(target / name, SOURCE / source):
                write_subset(SOURCE / source, target / name)
                self.stdout.write(f"{name}: {(target / name).stat().st_size // 1000} kB")


def up_to_date(made: Path, source: Path) -> bool:
    """Whether `made` exists and is younger than its source and than the list of letters in this file."""
    youngest = max(path.stat().st_mtime for path in (source, Path(__file__)))
    return made.exists() and made.stat().st_mtime >= youngest


def write_subset(source: Path, made: Path) -> None:
    """Writes the subset of the font `source` to `made`, whole or not at all."""
    # Fira's OS/2 table claims bits of a later version; fontTools says so with every file and keeps them.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options(
        flavor="woff2", layout_features=FEATURES, name_IDs=COPYRIGHT_NAMES_AND_LICENCE, notdef_outline=True
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=UNICODES)
    part = made.with_suffix(".part")
    with subset.load_font(source, options) as font:
        cutter.subset(font)
        subset.save_font(font, part, options)
    part.replace(made)
