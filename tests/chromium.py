"""The Chromium that looks at the portal."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

ARGUMENTS = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Starts the Chromium of the system, or the one named by `CHROMIUM`; an AssertionError where there is none."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "A Chromium is needed: `luener_dialog/bin/setup --with-browser` installs it on Debian and Ubuntu."
    return playwright.chromium.launch(executable_path=path, chromium_sandbox=False, args=ARGUMENTS)
