"""The fonts of pages and PDFs: small, and without a gap in anyone's name."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import override_settings
from fontTools.ttLib import TTFont

from luener_dialog.management.commands.fonts import FONTS

NEEDED = "Lünen äöüß ÄÖÜẞ Şükrü Çağlar İbrahim ığ Łukasz Żółć Ștefan „So“ ‚so‘ 2008–2009 — … 5 € § 3 → ·"


def make(data: Path) -> str:
    """Runs the command with a folder of its own and returns what it printed."""
    printed = StringIO()
    with override_settings(ASSETS_DIR=data):
        call_command("fonts", stdout=printed)
    return printed.getvalue()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    make(folder)
    return folder


@pytest.mark.parametrize("name", FONTS.values())
def test_a_font_is_small_and_has_every_letter(data: Path, name: str) -> None:
    path = data / "fonts" / name
    assert path.stat().st_size < 30_000
    with TTFont(path) as font:
        assert {letter for letter in NEEDED if ord(letter) not in font.getBestCmap()} == set()
        assert "Open Font License" in font["name"].getDebugName(13)
        records = [record for table in ("GSUB", "GPOS") for record in font[table].table.FeatureList.FeatureRecord]
        assert {"kern", "liga", "tnum"} <= {record.FeatureTag for record in records}


def test_only_what_is_old_is_made_again(data: Path) -> None:
    assert make(data) == ""
    os.utime(data / "fonts/fira-sans-600.woff2", (0, 0))
    assert make(data).startswith("fira-sans-600.woff2: ")
