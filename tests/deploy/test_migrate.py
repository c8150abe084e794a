"""Web processes that start together migrate one after the other."""

import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from luener_dialog.management.commands import migrate
from tests.deploy.conftest import environment


@pytest.mark.django_db(transaction=True)
def test_a_second_process_has_to_wait() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("the lock is PostgreSQL's; make test-services runs this")
    other = connection.copy()
    try:
        with other.cursor() as cursor:

            def is_free() -> bool:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [migrate.LOCK])
                (free,) = cursor.fetchone()
                if free:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [migrate.LOCK])
                return free

            assert is_free()
            with migrate.alone(connection):
                assert not is_free()
            assert is_free()
    finally:
        other.close()


def test_a_starting_database_is_waited_for() -> None:
    database = mock.Mock()
    database.ensure_connection.side_effect = [OperationalError("starting up"), None]
    migrate.wait_for(database, seconds=10)
    assert database.ensure_connection.call_count == 2


def test_a_database_that_stays_away_is_named() -> None:
    database = mock.Mock()
    database.ensure_connection.side_effect = OperationalError("connection refused")
    with pytest.raises(CommandError, match="connection refused"):
        migrate.wait_for(database, seconds=0)


def test_one_app_can_be_migrated_before_the_others(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "dialog"],
        env=environment(tmp_path, DEBUG="true"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
