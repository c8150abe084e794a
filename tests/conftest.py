"""The people of the tests: one of each role, around one working group and one measure.

`client_of(user)` gives the browser of an account; `users` has all roles by name for tests that walk a table.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dialog.models import Body, User, synonyms
from measures.models import Measure
from tests.factories import (
    BodyFactory,
    MeasureFactory,
    MembershipFactory,
    PersonFactory,
    UserFactory,
)

ROLES = ("anonymous", "citizen", "applicant", "member", "chair", "planner", "lead_contact", "operator")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests stay together when several processes share the work: those of a file, and all of the browser's,
    because these share a portal with its data."""
    browser = Path(__file__).parent / "browser"
    for item in items:
        together = browser if browser in item.path.parents else item.path
        item.add_marker(pytest.mark.xdist_group(str(together)))


@pytest.fixture(autouse=True)
def _files_in_their_own_place(settings: Any, tmp_path: Path) -> None:
    """What a test uploads never lies beside the uploads of the portal."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _mail_goes_to_the_outbox(settings: Any) -> None:
    """As in the portal: a mail is a row. (Django's tests would collect it in memory instead.)"""
    settings.EMAIL_BACKEND = "post_office.EmailBackend"


@pytest.fixture(autouse=True)
def _no_words_of_another_test() -> None:
    """The list of synonyms is kept between searches, longer than a test's rows."""
    cache.delete(synonyms.KEPT)


@pytest.fixture
def working_group(db: None) -> Body:
    """The group that `applicant` wants to join, `member` belongs to and `chair` leads."""
    return BodyFactory(name="Wohnen und Quartier", slug="wohnen-und-quartier")


@pytest.fixture
def measure(db: None) -> Measure:
    """The measure that `lead_contact` reports on."""
    return MeasureFactory()


@pytest.fixture
def anonymous() -> AnonymousUser:
    return AnonymousUser()


@pytest.fixture
def citizen(db: None) -> User:
    """An account that belongs to nothing."""
    return PersonFactory(name="Carla Bürgerin", user=UserFactory(email="carla@example.org")).user


@pytest.fixture
def applicant(working_group: Body) -> User:
    """Has asked to join the working group."""
    person = PersonFactory(name="Anton Anfrage", user=UserFactory(email="anton@example.org"))
    return MembershipFactory(body=working_group, person=person, requested=True).person.user


@pytest.fixture
def member(working_group: Body) -> User:
    """Works in the working group and did not agree to be named."""
    person = PersonFactory(name="Mira Mitglied", user=UserFactory(email="mira@example.org"))
    return MembershipFactory(body=working_group, person=person).person.user


@pytest.fixture
def chair(working_group: Body) -> User:
    """Leads the working group and did not agree to be named."""
    person = PersonFactory(name="Lena Leitung", user=UserFactory(email="lena@example.org"))
    return MembershipFactory(body=working_group, person=person, chair=True).person.user


@pytest.fixture
def planner(db: None) -> User:
    """In the planning group, with the second factor that its work asks for."""
    person = PersonFactory(name="Paula Planung", user=UserFactory(email="paula@example.org", second_factor=True))
    group = BodyFactory(name="Planungsgruppe der Verwaltung", slug="planungsgruppe", planning_group=True)
    return MembershipFactory(body=group, person=person).person.user


@pytest.fixture
def lead_contact(measure: Measure) -> User:
    """Contact of the measure's lead."""
    person = PersonFactory(name="Kim Kontakt", user=UserFactory(email="kim@example.org"))
    measure.contacts.add(person)
    return person.user


@pytest.fixture
def operator(db: None) -> User:
    """Runs the portal; without a person."""
    return UserFactory(email="betrieb@example.org", operator=True, second_factor=True)


@pytest.fixture
def users(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Everyone by role, the anonymous reader included."""
    return {role: request.getfixturevalue(role) for role in ROLES}


@pytest.fixture
def client_of(db: None) -> Callable[[Any], Client]:
    """The browser of an account; of nobody for the anonymous reader."""

    def client(user: Any) -> Client:
        browser = Client()
        if user.is_authenticated:
            browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return client


@pytest.fixture
def read(request: pytest.FixtureRequest, client_of: Callable[[Any], Client]) -> Callable[[str, str], str]:
    """What somebody in a role reads at an address, which must answer with a page."""

    def page(role: str, address: str) -> str:
        response = client_of(request.getfixturevalue(role)).get(address)
        assert response.status_code == 200, f"{response.status_code} for {role} at {address}"
        return response.content.decode()

    return page


@pytest.fixture
def queries(request: pytest.FixtureRequest, client_of: Callable[[Any], Client]) -> Callable[..., int]:
    """How many queries a page takes, for the anonymous reader or somebody in a role; warmed up, so nothing is cold."""

    def count(address: str, role: str = "anonymous") -> int:
        client = client_of(request.getfixturevalue(role))
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    return count
