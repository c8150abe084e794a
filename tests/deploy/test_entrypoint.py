"""What the image runs, run directly: the same entrypoint with the settings of a city."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from .conftest import ENTRYPOINT, HOST, ROOT, Start, get, production, wait_for


def manage(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def health(role: str, env: dict[str, str]) -> int:
    return subprocess.run([ENTRYPOINT, "health", role], cwd=ROOT, env=env, capture_output=True, check=False).returncode


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, start: Start, services: dict[str, str]) -> SimpleNamespace:
    """The web role on an empty database, with static files collected as at build time."""
    env = production(tmp_path_factory.mktemp("web"), **services)
    for step in (["fonts"], ["collectstatic", "--noinput"]):
        built = manage(*step, env=env)
        assert built.returncode == 0, built.stderr
    process = start([ENTRYPOINT, "web"], env)
    wait_for(lambda: process.poll() is not None or health("web", env) == 0, seconds=120, what="web answers")
    assert process.poll() is None, process.communicate()[0]
    return SimpleNamespace(process=process, env=env, address=f"http://{env['BIND']}")


def test_web_migrates_and_is_ready(web: SimpleNamespace) -> None:
    assert get(f"{web.address}/healthz", scheme="http").status == 200
    ready = get(f"{web.address}/readyz", scheme="http")
    assert (ready.status, ready.text) == (200, '{"status": "ok", "down": []}')
    assert manage("migrate", "--check", env=web.env).returncode == 0


def test_home_page_comes_with_its_static_files_and_without_cookies(web: SimpleNamespace) -> None:
    page = get(f"{web.address}/")
    assert page.status == 200
    assert page.headers.get("Set-Cookie") is None
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    assert sheets
    for sheet in sheets:
        answer = get(web.address + sheet)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_plain_http_is_sent_to_https(web: SimpleNamespace) -> None:
    answer = get(f"{web.address}/", scheme="http")
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/")


def test_other_names_are_refused(web: SimpleNamespace) -> None:
    assert get(f"{web.address}/", host="elsewhere.example.org").status == 400


def test_log_does_not_keep_what_readers_search_for(web: SimpleNamespace) -> None:
    get(f"{web.address}/suche/?q=Vertrauliches")
    web.process.send_signal(signal.SIGTERM)
    log, _ = web.process.communicate(timeout=60)
    assert web.process.returncode == 0
    assert "GET /suche/" in log
    assert "Vertrauliches" not in log
    assert health("web", web.env) != 0


@pytest.mark.parametrize("role", ["worker", "beat"])
def test_worker_and_beat_are_healthy_until_they_are_told_to_stop(role: str, web: SimpleNamespace, start: Start) -> None:
    env = web.env
    assert health(role, env) != 0
    process = start([ENTRYPOINT, role], env)
    assert process.stdout
    # The last line before work begins; asking a worker earlier takes long.
    assert any("ready." in line or "beat: Starting" in line for line in process.stdout)
    wait_for(lambda: health(role, env) == 0, seconds=60, what=f"{role} is healthy")
    process.send_signal(signal.SIGTERM)
    log, _ = process.communicate(timeout=60)
    assert process.returncode == 0, log


def test_nothing_starts_without_a_secret_key(tmp_path: Path) -> None:
    env = production(tmp_path, SECRET_KEY="")
    result = subprocess.run(
        [ENTRYPOINT, "web"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr


@pytest.mark.parametrize(("name", "value"), [("WEB_THREADS", "many"), ("WEB_CONCURRENCY", "0")])
def test_a_malformed_number_is_named(name: str, value: str, tmp_path: Path) -> None:
    env = production(tmp_path, **{name: value})
    command = [sys.executable, "-m", "gunicorn", "--config", "python:luener_dialog.gunicorn", "--check-config", "x:y"]
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert name in result.stderr


def test_deployment_check_has_nothing_to_say(tmp_path: Path) -> None:
    assert manage("check", "--deploy", "--fail-level", "WARNING", env=production(tmp_path)).returncode == 0
    careless = production(tmp_path, SECRET_KEY="short", BASE_URL="http://dialog.example.org")
    assert manage("check", "--deploy", "--fail-level", "WARNING", env=careless).returncode != 0
