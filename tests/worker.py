"""A real worker process on the tests' database and broker."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from luener_dialog.celery import app


def environment() -> dict[str, str]:
    """What a process needs to work on the same database, broker and files as the tests."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        login = f"{quote(database['USER'])}:{quote(database['PASSWORD'])}@"
        url = f"postgres://{login}{database['HOST'] or '127.0.0.1'}:{database['PORT'] or 5432}/{database['NAME']}"
    return {
        **os.environ,
        "DEBUG": "true",
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "REDIS_URL": settings.REDIS_URL,
        "PYTHONWARNINGS": "default",
    }


@contextlib.contextmanager
def running(application: str = "luener_dialog", **extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a worker, gives its process, and ends it. `extra` goes into its environment."""
    app.control.purge()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            application,
            "worker",
            "-P",
            "solo",
            "--without-gossip",
            "-l",
            "INFO",
        ],
        env={**environment(), **extra},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(happened: Callable[[], object], seconds: float = 90) -> None:
    """Waits for something that another process does; fails the test if it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError(f"did not happen within {seconds} s: {happened}")
