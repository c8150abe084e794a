"""What a browser is given of static files: only what is used, small, and kept for good."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as a portal in production has them."""
    data = tmp_path_factory.mktemp("data")
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        check=True,
        cwd=settings.BASE_DIR,
        env={"PATH": "/usr/bin:/bin", "SECRET_KEY": "k" * 50, "DATA_DIR": str(data)},
    )
    return data / "staticfiles"


def size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def test_only_what_is_used_is_given_out(collected: Path) -> None:
    assert size(collected / "kern") < 4_000_000
    assert not list(collected.rglob("*noto*"))
    assert len(list(collected.glob("kern/fonts/fira-sans/FiraSans-*.woff2"))) == 6
    assert (collected / "kern/kern.min.css").exists()


@pytest.mark.parametrize("name", ["kern/kern.min", "css/portal"])
def test_style_sheets_are_hashed_and_compressed(collected: Path, name: str) -> None:
    (hashed,) = (path for path in collected.glob(f"{name}.*.css"))
    plain, brotli = hashed.stat().st_size, Path(f"{hashed}.br").stat().st_size
    assert brotli < plain / 3
    assert Path(f"{hashed}.gz").exists()
