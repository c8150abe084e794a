"""A prepared query finds what the same query finds when it is put together anew."""

import datetime as dt
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from dialog.models import Body
from dialog.prepared import prepared
from tests.factories import BodyFactory, MeetingFactory

pytestmark = pytest.mark.django_db


def named(user: Any, *names: str) -> QuerySet[Body]:
    return Body.objects.visible_to(user).filter(name__in=names).select_related("process").order_by("name")


def with_text(user: Any, text: str) -> QuerySet[Body]:
    return Body.objects.visible_to(user).filter(name__icontains=text).order_by("name")


def keys(user: Any, *keys: int) -> QuerySet:
    rows = Body.objects.visible_to(user).order_by()
    return rows.filter(pk__in=keys).values_list("pk").union(rows.filter(pk=keys[0]).values_list("pk"))


def met_since(user: Any, day: dt.date, name: str) -> QuerySet[Body]:
    return Body.objects.filter(meetings__starts_at__date__gte=day, name=name).distinct()


@pytest.fixture
def bodies(db: None) -> list[Body]:
    return [BodyFactory(name=name) for name in ("Alter 50 %", "Alter 50_", "Bildung")]


@pytest.mark.parametrize(
    ("build", "asked"),
    [
        (named, [("Bildung", "niemand"), ("Alter 50 %", "Bildung"), ("'; --", "\\")]),
        (with_text, [("Bild",), ("50 %",), ("50_",), ("%",), ("\\",), ("",)]),
    ],
)
def test_each_value_finds_its_own(bodies, anonymous, build: Callable[..., QuerySet], asked):
    ask = prepared(build)
    found = [ask(anonymous, *values) for values in asked]
    assert found == [list(build(anonymous, *values)) for values in asked]
    assert found[0] == [bodies[2]]
    with CaptureQueriesContext(connection) as queries:
        assert [row.process for row in ask(anonymous, *asked[0])] == [bodies[2].process]
    assert len(queries) == (1 if build is named else 2)


def test_plain_rows_and_unions_too(bodies, anonymous):
    ask = prepared(keys)
    for row in bodies:
        assert ask(anonymous, row.pk, 0) == [(row.pk,)]


def test_a_day_is_part_of_the_question(anonymous):
    meeting = MeetingFactory()
    day = meeting.starts_at.date()
    ask = prepared(met_since)
    for since, found in ((day, 1), (day + dt.timedelta(days=2), 0), (day - dt.timedelta(days=2), 1)):
        assert len(ask(anonymous, since, meeting.body.name)) == found


def test_accounts_see_what_is_theirs(users):
    asked: list[Any] = []

    @prepared
    def mine(user: Any, key: int) -> QuerySet[Body]:
        asked.append(user)
        return Body.objects.visible_to(user).filter(pk=key)

    for name in ("anonymous", "anonymous", "citizen", "citizen", "planner"):
        mine(users[name], 1)
    assert asked == [users[name] for name in ("anonymous", "citizen", "citizen", "planner")]


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_on_its_own_connection(bodies, anonymous):
    ask = prepared(with_text)
    ask(anonymous, "Bild")
    found: list[Body] = []

    def there() -> None:
        found.extend(ask(anonymous, "50"))
        connection.close()

    thread = Thread(target=there)
    thread.start()
    thread.join()
    assert found == bodies[:2]
