"""What Lighthouse says of the pages that most readers see first, served as in production with the demo data."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(__file__).parent / "lighthouse"
CHROMIUM = "/usr/bin/chromium"
FLAGS = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
#: What is asked of each category, out of 100, and of all that a first visit transfers.
LEAST = {"accessibility": 100, "best-practices": 100, "seo": 100, "performance": 95}
MAX_KB = 250
#: The pages; those whose address depends on the data are the first of a part of the sitemap.
PAGES = {
    "home": "/",
    "list": "/massnahmen/",
    "detail": "/sitemap-measure.xml",
    "meeting": "/sitemap-meeting.xml",
    "report": "/sitemap-councilreport.xml",
}
#: Migrations, demo data and static files come before the first answer.
SECONDS_TO_START, SECONDS_A_PAGE = 900, 180


def measure() -> dict[str, dict[str, Any]]:
    """Of each page the four notes, and the kilobytes of a first visit."""
    subprocess.run(["npm", "ci", "--loglevel=error"], check=True, cwd=FOLDER)
    figures: dict[str, dict[str, Any]] = {}
    with _portal() as base:
        for name, path in PAGES.items():
            figures |= _figures(name, _ask(_page(f"{base}{path}")))
    return figures


@contextmanager
def _portal() -> Iterator[str]:
    """The portal as a city runs it, but on plain HTTP, which Lighthouse lets pass on the machine itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        chosen = {"DEBUG": "false", "DEMO": "true", "BASE_URL": base, "SECRET_KEY": secrets.token_urlsafe(50)}
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        command = [sys.executable, "manage.py", "serve", "--port", base.rpartition(":")[2]]
        server = subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            env=kept | chosen | {"DATA_DIR": folder},
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait(f"{base}/readyz", server)
            yield base
        finally:
            server.terminate()
            server.wait()


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until `address` answers. RuntimeError if the server has ended, or takes too long."""
    deadline = time.monotonic() + SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        try:
            _get(address)
        except OSError:
            time.sleep(1)
        else:
            return
    raise RuntimeError(f"{address} does not answer")


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  (our own)
        return answer.read().decode()


def _page(address: str) -> str:
    """`address`, or the first page in the sitemap that is there. RuntimeError if it names none."""
    if not address.endswith(".xml"):
        return address
    if not (found := re.search(r"<loc>([^<]+)</loc>", _get(address))):
        raise RuntimeError(f"{address} names no page")
    return found[1]


def _ask(address: str) -> dict[str, Any]:
    """Lighthouse's findings on `address`, as a phone sees it."""
    command = [str(FOLDER / "node_modules/.bin/lighthouse"), address, "--output=json", "--quiet"]
    chosen = [f"--chrome-flags={FLAGS}", f"--only-categories={','.join(LEAST)}"]
    environment = {"CHROME_PATH": CHROMIUM} | os.environ
    answer = subprocess.run(
        [*command, *chosen], check=True, stdout=subprocess.PIPE, env=environment, timeout=SECONDS_A_PAGE
    )
    return json.loads(answer.stdout)


def _figures(name: str, findings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    figures = {}
    for key, least in LEAST.items():
        category = findings["categories"][key]
        note = f"at least {least}"
        if lost := _lost(findings, category):
            note += f"; lost by {', '.join(lost)}"
        value = round(100 * category["score"])
        figures[f"lighthouse_{name}_{key}"] = {"value": value, "unit": "of 100", "note": note}
    kilobytes = round(findings["audits"]["total-byte-weight"]["numericValue"] / 1000)
    note = f"transferred at the first visit; under {MAX_KB}"
    return figures | {f"lighthouse_{name}_kb": {"value": kilobytes, "unit": "kB", "note": note}}


def _lost(findings: dict[str, Any], category: dict[str, Any]) -> list[str]:
    """The audits that cost points, each by its name."""
    audits = findings["audits"]
    weighed = [row["id"] for row in category["auditRefs"] if row["weight"]]
    return [key for key in weighed if (score := audits[key]["score"]) is not None and score < 0.9]
