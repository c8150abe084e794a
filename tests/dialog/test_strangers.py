"""Forms that anyone may send: machines are kept out, people are not."""

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from dialog.forms import strangers


@pytest.fixture(autouse=True)
def _nobody_has_written_yet() -> None:
    cache.clear()


def form(sender: str = "192.0.2.1", **data: str) -> strangers.StrangersForm:
    return strangers.StrangersForm(data, request=RequestFactory().post("/", REMOTE_ADDR=sender))


def test_a_person_leaves_the_hidden_field_alone() -> None:
    assert form(website="").is_valid()


def test_a_machine_fills_it_in() -> None:
    assert form(website="https://example.org").has_error("website", "machine")


def test_the_eleventh_message_within_the_hour_waits_and_other_senders_do_not() -> None:
    assert all(form().is_valid() for _ in range(strangers.MESSAGES))
    assert form().has_error("__all__", "limit")
    assert form(sender="192.0.2.2").is_valid()
