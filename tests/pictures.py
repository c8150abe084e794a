"""Makes the pictures of the README, docs/bilder/*.png, from the running demo: `make screenshots`.

The portal is started as `make run` does it, with data of its own that are gone afterwards. The demo tells of today,
so the pictures differ from day to day; they are made anew when the portal looks different, not at each change.
"""

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from .chromium import launch
from .deploy.conftest import ROOT, environment, free_port

FOLDER = ROOT / "docs/bilder"
LARGEST = 150_000  # bytes of a picture


class Demo(NamedTuple):
    """A running portal: where it is, and what it printed at its start."""

    address: str
    greeting: str

    def password(self, mail: str) -> str:
        """As the greeting tells it to whoever starts the demo."""
        found = re.search(rf"{re.escape(mail)}, Passwort (\S+)", self.greeting)
        assert found, self.greeting
        return found[1]


class Picture(NamedTuple):
    """A page as somebody sees it; `mail` is the account of the demo, empty for a reader without one."""

    name: str
    page: str
    size: tuple[int, int]
    scale: float = 1
    mail: str = ""


PICTURES = [
    Picture("startseite", "/", (1280, 1040)),
    Picture("massnahme", "/massnahmen/M-2008-003/", (1280, 960)),
    Picture("arbeitsbereich", "/arbeitsbereich/", (1280, 960), mail="planung@example.org"),
    Picture("telefon", "/massnahmen/M-2008-003/", (390, 760), scale=1.5),
]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with running() as demo, sync_playwright() as playwright:
        browser = launch(playwright)
        for picture in PICTURES:
            content = optimised(taken(picture, browser, demo))
            if len(content) > LARGEST:
                sys.exit(f"{picture.name}.png has {len(content)} bytes; {LARGEST} are the most for a README.")
            (FOLDER / f"{picture.name}.png").write_bytes(content)
            print(f"docs/bilder/{picture.name}.png: {len(content)} bytes")
        browser.close()


@contextmanager
def running() -> Iterator[Demo]:
    """A demo that runs meanwhile; what it prints is shown when it does not start."""
    port = free_port()
    with tempfile.TemporaryDirectory() as data:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=environment(Path(data), DEBUG="true", DEMO="true"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        printed = []
        for line in process.stdout or []:
            printed.append(line)
            if "Beenden mit Strg-C" in line:
                break
        else:
            sys.exit("".join(printed))
        try:
            yield Demo(f"http://127.0.0.1:{port}", "".join(printed))
        finally:
            process.terminate()
            process.communicate()


def taken(picture: Picture, browser: Browser, demo: Demo) -> bytes:
    """The page as a PNG, from its top down to the height of the window."""
    width, height = picture.size
    context = browser.new_context(
        base_url=demo.address,
        viewport={"width": width, "height": height},
        device_scale_factor=picture.scale,
        locale="de-DE",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if picture.mail:
        page.goto(f"/konto/anmelden/?next={picture.page}")
        page.fill("[name=login]", picture.mail)
        page.click("summary:has-text('Mit Passwort anmelden')")
        page.fill("[name=password]", demo.password(picture.mail))
        page.click("form.form .btn-1")
        page.wait_for_url(f"**{picture.page}")  # with a word of welcome, which the next visit leaves out
    page.goto(picture.page, wait_until="networkidle")
    page.wait_for_function("[...document.fonts].every(font => font.status != 'loading')")
    png = page.screenshot()
    context.close()
    return png


def optimised(png: bytes) -> bytes:
    """The same picture with at most 256 colours, which is all that text and flat areas need."""
    target = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


if __name__ == "__main__":
    main()
