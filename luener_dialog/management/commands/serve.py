import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

HOST = "127.0.0.1"
CELERY = [sys.executable, "-m", "celery", "-A", "luener_dialog"]
LOG = ["--loglevel", settings.LOG_LEVEL]
# Threads: a report does not hold up the mails, and with child processes the file broker loses tasks.
WORKER = [*CELERY, "worker", "--pool", "threads", "--concurrency", "2", *LOG]
BEAT = [*CELERY, "beat", "--schedule", str(settings.DATA_DIR / "beat"), "--pidfile=", *LOG]
SECONDS_TO_START = 60
SECONDS_TO_STOP = 15


class Command(BaseCommand):
    """The whole portal on one machine: prepares the data, then runs web, worker and beat until told to stop.

    Ctrl-C or SIGTERM stops all three and ends with 0. If one of them ends by itself, the others are stopped
    and the command fails and says which one it was. What they print goes to DATA_DIR/log.
    """

    help = "Runs web, worker and beat on this machine; made for `make run`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        on_stop_signals(sys.exit)
        require_free(options["port"])
        self.prepare(options["verbosity"])
        self.say("Web, Worker und Zeitplan starten ...")
        address = f"http://{HOST}:{options['port']}"
        os.environ.setdefault("BASE_URL", address)
        with Children(settings.DATA_DIR / "log") as children:
            on_stop_signals(children.let_go)
            children.start("worker", WORKER)
            children.start("web", gunicorn(options["port"]))
            children.start("beat", BEAT)
            if wait_until_ready(f"{address}/readyz", children):
                self.greet(address, children.logs)
            while children.are_wanted():
                time.sleep(0.3)
            self.say("Der Lüner Dialog wird beendet ...")
        self.say("Beendet.")

    def prepare(self, verbosity: int) -> None:
        """Brings the database, outside of development the static files, and the demo data up to date."""
        call_command("migrate", interactive=False, verbosity=max(verbosity - 1, 0))
        if not settings.DEVELOPMENT:  # before the demo, whose documents need them
            call_command("collectstatic", interactive=False, verbosity=max(verbosity - 1, 0))
        if settings.DEMO:
            call_command("demo")

    def greet(self, address: str, logs: Path) -> None:
        """Prints where the portal is and, in the demo, who can log in."""
        self.say("")
        self.say(f"Lüner Dialog:    {address}/")
        self.say(f"Arbeitsbereich:  {address}/arbeitsbereich/")
        self.say(f"Protokolle:      {logs}")
        if settings.DEMO:
            from luener_dialog.demo import logins

            self.say("\nAnmelden als:")
            for label, mail, password, hint in logins():
                self.say(f"  {label}: {mail}, Passwort {password}" + (f" ({hint})" if hint else ""))
        self.say("\nBeenden mit Strg-C.")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


class Children:
    """Child processes that live and die together, each with its own log file."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.wanted = True

    def __enter__(self) -> "Children":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, command: list[str]) -> None:
        """Starts a command; its output goes to a fresh `<name>.log`."""
        with (self.logs / f"{name}.log").open("wb") as log:
            # In a session of its own: Ctrl-C reaches it through us only, and in order.
            self.processes[name] = subprocess.Popen(  # noqa: S603
                command, cwd=settings.BASE_DIR, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def let_go(self) -> None:
        """Notes that they shall be stopped; a signal handler may do no more."""
        self.wanted = False

    def are_wanted(self) -> bool:
        """Whether nobody has asked to stop; raises a CommandError when one of them has ended by itself."""
        for name, process in self.processes.items():
            if self.wanted and process.poll() is not None:
                raise CommandError(
                    f"{name} hat sich beendet (Code {process.returncode}), die anderen werden angehalten. "
                    f"Der Grund steht in {self.logs / name}.log"
                )
        return self.wanted

    def stop(self) -> None:
        """Ends them, the last started first; what is left of one after a while is killed."""
        for process in reversed(self.processes.values()):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_STOP)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def on_stop_signals(action: Callable[[], Any]) -> None:
    """Lets Ctrl-C, SIGTERM and a closed terminal do the same thing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: action())


def gunicorn(port: int) -> list[str]:
    """The command of the web process, the same as in the image but for its address."""
    config = ["--config", "python:luener_dialog.gunicorn", "--bind", f"{HOST}:{port}"]
    return [sys.executable, "-m", "gunicorn", *config, "luener_dialog.wsgi:application"]


def require_free(port: int) -> None:
    """Raises a CommandError when something else already listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            raise CommandError(
                f"Port {port} ist belegt oder nicht erlaubt. Ein anderer: PORT={port + 1} make run"
            ) from None


def wait_until_ready(address: str, children: Children) -> bool:
    """True as soon as the address answers 200, False when told to stop; a CommandError when time is up."""
    deadline = time.monotonic() + SECONDS_TO_START
    answer = "keine Antwort"
    while children.are_wanted():
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return True
        except urllib.error.HTTPError as error:
            answer = f"{error.code} {error.read(500).decode(errors='replace')}"
        except OSError as error:
            answer = str(error)
        if time.monotonic() > deadline:
            raise CommandError(f"{address} ist nach {SECONDS_TO_START} Sekunden nicht bereit: {answer}")
        time.sleep(0.2)
    return False
