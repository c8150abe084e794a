"""`make run`'s process: starts three, prints where they are, and leaves none behind."""

import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from luener_dialog.management.commands.serve import Command

from .conftest import ROOT, Start, environment, free_port, get, wait_for

SERVE = [sys.executable, "manage.py", "serve", "--port"]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first portal leaves its database for the next, because to migrate takes long."""
    return tmp_path_factory.mktemp("migrated") / "db.sqlite3"


@pytest.fixture
def served(tmp_path: Path, migrated: Path, start: Start) -> SimpleNamespace:
    """A portal that is ready, with all processes below it."""
    port = free_port()
    if migrated.exists():
        shutil.copy(migrated, tmp_path)
    process = start([*SERVE, str(port)], environment(tmp_path, DEBUG="true"))
    assert process.stdout
    printed = []
    for line in process.stdout:
        printed.append(line)
        if "Beenden mit Strg-C" in line:
            break
    else:
        pytest.fail("".join(printed))
    if not migrated.exists():
        with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as source, closing(sqlite3.connect(migrated)) as copy:
            source.backup(copy)
    itself = psutil.Process(process.pid)
    return SimpleNamespace(
        process=process,
        port=port,
        printed="".join(printed),
        children=itself.children(),
        below=itself.children(recursive=True),
        logs=tmp_path / "log",
    )


def assert_none_is_left(served: SimpleNamespace) -> None:
    gone, alive = psutil.wait_procs(served.below, timeout=5)
    assert (len(gone), alive) == (len(served.below), [])


def test_prints_its_addresses_and_stops_everything_when_told_to(served: SimpleNamespace) -> None:
    address = f"http://127.0.0.1:{served.port}"
    assert f"{address}/\n" in served.printed
    assert f"{address}/arbeitsbereich/\n" in served.printed
    assert get(f"{address}/readyz", host=f"127.0.0.1:{served.port}", scheme="http").status == 200
    assert len(served.below) >= 4  # gunicorn and its two, worker, beat
    assert {path.name for path in served.logs.iterdir()} == {"web.log", "worker.log", "beat.log"}
    served.process.send_signal(signal.SIGTERM)
    rest, _ = served.process.communicate(timeout=60)
    assert (served.process.returncode, "Beendet." in rest) == (0, True)
    assert_none_is_left(served)


@pytest.mark.parametrize(("name", "word"), [("worker", "worker"), ("web", "gunicorn")])
def test_all_stop_when_one_dies(served: SimpleNamespace, name: str, word: str) -> None:
    next(child for child in served.children if word in child.cmdline()).kill()
    rest, _ = served.process.communicate(timeout=60)
    assert served.process.returncode == 1
    assert f"{name} hat sich beendet" in rest
    assert str(served.logs / f"{name}.log") in rest
    assert "Traceback" not in rest
    assert_none_is_left(served)


def test_a_used_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            [*SERVE, str(port)],
            cwd=ROOT,
            env=environment(tmp_path, DEBUG="true"),
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 1
    assert f"PORT={port + 1} make run" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_demo_prints_every_login(settings: Any, tmp_path: Path) -> None:
    from luener_dialog.demo import logins

    settings.DEMO = True
    printed = StringIO()
    Command(stdout=printed).greet("http://127.0.0.1:8000", tmp_path)
    assert logins()
    for label, mail, password, _hint in logins():
        assert f"{label}: {mail}" in printed.getvalue()
        assert password in printed.getvalue()


def test_stopping_kills_a_process_that_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from luener_dialog.management.commands import serve

    monkeypatch.setattr(serve, "SECONDS_TO_STOP", 0.5)
    deaf = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    with serve.Children(tmp_path) as children:
        children.start("deaf", [sys.executable, "-c", deaf])
        wait_for(lambda: "deaf" in (tmp_path / "deaf.log").read_text(), seconds=10, what="it ignores SIGTERM")
    assert children.processes["deaf"].returncode == -signal.SIGKILL
