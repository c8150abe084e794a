"""A page that is the same for all readers is made once, and never shown to or taken from somebody with an account."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from measures.models import Measure
from tests.factories import MeasureFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/massnahmen/"


def page(client: Client, address: str = LIST) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_page_is_made_once_until_something_is_written(client):
    measure = MeasureFactory(title="Ein Spielplatz")
    address = measure.get_absolute_url()
    first = page(client, address)
    seen = [page(client, address) for _ in range(2)]
    assert seen == [first, first]
    Measure.objects.filter(pk=measure.pk).update(title="Zwei Spielplätze")
    assert "Zwei Spielplätze" in page(client, address)
    measure.refresh_from_db()
    measure.title = "Drei Spielplätze"
    measure.save()
    assert "Drei Spielplätze" in page(client, address)


def test_a_kept_page_asks_the_database_for_nothing_but_the_stamp(client, django_assert_max_num_queries):
    page(client)
    with django_assert_max_num_queries(1):
        page(client)


def test_readers_are_never_shown_what_somebody_with_an_account_saw(client, client_of, planner):
    MeasureFactory(title="Geheimer Plan", state="proposed", progress=0)
    inside = client_of(planner)
    assert "Geheimer Plan" in page(inside)
    assert "Geheimer Plan" not in page(client)
    assert "Geheimer Plan" not in page(client)
    assert "Geheimer Plan" in page(inside)
    assert "Abmelden" in page(inside)
    assert "Abmelden" not in page(client)


def test_each_address_and_day_has_its_own(client, monkeypatch):
    MeasureFactory(title="Ein Spielplatz", last_news_on=timezone.localdate())
    assert "Ein Spielplatz" in page(client)
    assert "Ein Spielplatz" not in page(client, f"{LIST}?stand=quiet")
    assert "Ein Spielplatz" in page(client, f"{LIST}?q=spielplatz")
    later = timezone.now() + dt.timedelta(days=500)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "Ein Spielplatz" in page(client, f"{LIST}?stand=quiet")


def test_the_answer_says_that_it_depends_on_who_asks(client):
    for _ in range(2):
        assert "Cookie" in client.get(LIST)["Vary"]
        assert "default-src 'none'" in client.get(LIST)["Content-Security-Policy"]


# ── who has the page already ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["/", LIST, "/handlungsfelder/", "/berichte/"])
def test_who_has_the_page_gets_it_again_only_when_it_changed(client, address):
    MeasureFactory(title="Ein Spielplatz")
    tag = client.get(address)["ETag"]
    answer = client.get(address, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_changed_page_comes_whole(client):
    measure = MeasureFactory(title="Ein Spielplatz")
    tag = client.get(LIST)["ETag"]
    measure.title = "Zwei Spielplätze"
    measure.save()
    answer = client.get(LIST, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "Zwei Spielplätze" in answer.content.decode()


def test_nobody_is_told_that_they_have_somebody_elses_page(client_of, client, planner):
    MeasureFactory(title="Geheimer Plan", state="proposed", progress=0)
    inside = client_of(planner)
    theirs = inside.get(LIST)["ETag"]
    assert client.get(LIST, headers={"If-None-Match": theirs}).status_code == 200
    other = client_of(PersonFactory(user=UserFactory()).user)
    assert other.get(LIST, headers={"If-None-Match": theirs}).status_code == 200
    ours = client.get(LIST)["ETag"]
    assert inside.get(LIST, headers={"If-None-Match": ours}).status_code == 200
