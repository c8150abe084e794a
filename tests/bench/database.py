"""A database for the bench alone, on the server (or in the folder) that the settings name."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection


@contextmanager
def scratch() -> Iterator[None]:
    """Points Django at an empty, migrated database, and takes it away afterwards."""
    name = connection.settings_dict["NAME"]
    is_file = connection.vendor == "sqlite"
    connection.settings_dict["TEST"]["NAME"] = str(settings.DATA_DIR / "bench.sqlite3") if is_file else f"bench_{name}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
