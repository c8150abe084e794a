"""The portal with its demo data on a real server, and a real Chromium before it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from dialog.models import Body, Membership, User
from dialog.services import memberships
from tests.chromium import launch
from tests.factories import JobRunFactory

# Playwright's loop runs in this thread; Django would otherwise refuse the database to the fixtures.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

#: Role → the demo's account; None is the reader without one.
ACCOUNTS = {
    "anonymous": None,
    "citizen": "buergerin@example.org",
    "chair": "leitung@example.org",
    "lead_contact": "fachamt@example.org",
    "planner": "planung@example.org",
    "operator": "betrieb@example.org",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def portal(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A running portal with the demo's data; what a test changes stays for the next one."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    settings.EMAIL_BACKEND = "post_office.EmailBackend"
    settings.SECOND_FACTOR_REQUIRED = False
    settings.DEMO = True
    with django_db_blocker.unblock():
        call_command("demo", verbosity=0)
        citizen = User.objects.get(email=ACCOUNTS["citizen"])
        closed = Membership.objects.filter(person__user=citizen).values("body")
        memberships.request(Body.objects.joinable().exclude(pk__in=closed)[0], by=citizen, at=timezone.now())
        JobRunFactory(owner=User.objects.get(email=ACCOUNTS["planner"]))
        server = LiveServer("127.0.0.1")
        yield server
        server.stop()
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def open_as(portal: LiveServer, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`open_as("chair", width=320, script=False)`: an empty tab of somebody who is signed in."""
    contexts: list[BrowserContext] = []

    def open_tab(role: str = "anonymous", *, width: int = 1280, script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=portal.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            locale="de-DE",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        if mail := ACCOUNTS[role]:
            client = Client()
            client.force_login(User.objects.get(email=mail), backend="django.contrib.auth.backends.ModelBackend")
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                        "url": portal.url,
                    }
                ]
            )
        return context.new_page()

    yield open_tab
    for context in contexts:
        context.close()
