import contextlib
import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Any number will do, as long as every process asks for the same one.
LOCK = 2009


class Command(migrate.Command):
    """Django's migrate, safe to be started by any number of web processes at once.

    On PostgreSQL it holds an advisory lock: the second process waits for the first and finds nothing left to
    do. With `--wait` a database that is only just starting is waited for.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--wait",
            type=int,
            default=0,
            metavar="SECONDS",
            help="How long to wait for the database.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        wait_for(connection, seconds=options["wait"])
        with alone(connection):
            super().handle(*args, **options)


def wait_for(connection: BaseDatabaseWrapper, *, seconds: int) -> None:
    """Returns as soon as the database answers; a CommandError after `seconds` without an answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError as error:
            if time.monotonic() >= deadline:
                raise CommandError(f"The database does not answer: {error}") from error
            time.sleep(1)


@contextlib.contextmanager
def alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Keeps other processes out that ask for the same; SQLite has one process only and needs no lock."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
