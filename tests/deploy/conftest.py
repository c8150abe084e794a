"""Processes as they run in a city or under `make run`, each with its own data, none with the developer's."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = str(ROOT / "luener_dialog/bin/entrypoint")
HOST = "dialog.example.org"


def free_port() -> int:
    """A port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(data: Path, **settings: str) -> dict[str, str]:
    """An environment with nothing of the caller's but its programs, and all data below `data`."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(data),
        "LANG": "C.UTF-8",
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data / 'db.sqlite3'}",
        "REDIS_URL": "",
        "BEAT_SCHEDULE": str(data / "beat"),
        "DEMO": "false",
        **settings,
    }


def production(data: Path, **settings: str) -> dict[str, str]:
    """The environment of a city behind a proxy with TLS, with a key of its own."""
    return environment(
        data,
        **{
            "DEBUG": "false",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "BASE_URL": f"https://{HOST}",
            "TRUST_PROXY": "true",
            "BIND": f"127.0.0.1:{free_port()}",
            **settings,
        },
    )


class Answer(NamedTuple):
    status: int
    headers: Message
    text: str


def get(address: str, host: str = HOST, scheme: str = "https") -> Answer:
    """The answer as a proxy with TLS gets it, redirects and errors included."""
    parts = urlsplit(address)
    with contextlib.closing(HTTPConnection(parts.netloc, timeout=10)) as connection:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": scheme})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())


def wait_for(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Returns when the condition holds; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"{what}: not after {seconds} seconds")
        time.sleep(0.1)


@pytest.fixture(scope="module")
def services() -> Iterator[dict[str, str]]:
    """PostgreSQL, with a database of their own, and Redis for the processes, when the tests run on them too."""
    database = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not database.scheme.startswith("postgres"):
        yield {}
        return
    name = f"test_deploy_{secrets.token_hex(4)}"  # the files of these tests run beside each other
    with psycopg.connect(database.geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield {
            "DATABASE_URL": database._replace(path=f"/{name}").geturl(),
            "REDIS_URL": os.environ.get("REDIS_URL", ""),
        }
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts a command in the project's folder; what still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def run(command: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()
