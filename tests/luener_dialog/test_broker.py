"""The folder that does for a broker: nobody finds half a message in it."""

import json
import time
from queue import Empty
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from kombu import Connection

from luener_dialog import broker


@pytest.fixture
def connection(tmp_path) -> Any:
    for name in ("queue", "processed"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "control_folder": str(tmp_path),
        "processed_folder": str(tmp_path / "processed"),
    }
    with Connection(f"{broker.SCHEME}://localhost", transport_options=options) as connection:
        yield connection


def test_the_portal_uses_it_without_redis():
    assert settings.REDIS_URL or settings.CELERY_BROKER_URL.startswith(f"{broker.SCHEME}://")


def test_many_messages_come_whole_while_they_are_read(connection):
    number, text = 200, "ä" * 100_000
    writer, reader = connection.channel(), connection.channel()

    def write() -> None:
        for n in range(number):
            writer._put("celery", {"n": n, "text": text})

    thread = Thread(target=write)
    thread.start()
    got = []
    until = time.monotonic() + 30
    while len(got) < number and time.monotonic() < until:
        try:
            message = reader._get("celery")
        except Empty:
            continue
        assert message["text"] == text
        got.append(message["n"])
    thread.join()
    assert sorted(got) == list(range(number))


def test_a_message_that_cannot_be_written_leaves_nothing(connection, tmp_path):
    with pytest.raises(TypeError):
        connection.channel()._put("celery", {"n": object()})
    assert list((tmp_path / "queue").iterdir()) == []


def test_a_message_that_was_not_finished_is_no_message(connection, tmp_path):
    channel = connection.channel()
    (tmp_path / "queue" / "1_x.celery.msg.part").write_text(json.dumps({"n": 1})[:3])
    with pytest.raises(Empty):
        channel._get("celery")
