"""Declarations and who joined them."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from dialog.models import User
from tests.factories import ConferenceFactory, DeclarationFactory, OrganizationFactory, SignatureFactory, berlin

Read = Callable[[str, str], str]

pytestmark = pytest.mark.django_db


def test_the_page_tells_the_text_who_joined_since_when_and_where_it_was_adopted(read: Read) -> None:
    declaration = DeclarationFactory(slug="bildung", title="Lüner Erklärung", text="Erster Satz.\nZweiter Satz.")
    SignatureFactory(
        declaration=declaration, organization=OrganizationFactory(name="Kreis Unna"), signed_on=dt.date(2009, 3, 1)
    )
    SignatureFactory(organization=OrganizationFactory(name="Anderswo beigetreten"))
    conference = ConferenceFactory(title="Bildungskonferenz", declarations=[declaration])
    page = read("anonymous", "/erklaerungen/bildung/")
    assert "<p>Erster Satz.</p><p>Zweiter Satz.</p>" in page
    assert "Kreis Unna" in page
    assert "1. März 2009" in page
    assert "Anderswo beigetreten" not in page
    assert f'<a href="{conference.get_absolute_url()}">Bildungskonferenz</a>' in page


def test_a_declaration_that_nobody_has_joined_yet_says_so(read: Read) -> None:
    DeclarationFactory(slug="neu")
    assert "ist hier noch nicht verzeichnet" in read("anonymous", "/erklaerungen/neu/")


@pytest.mark.parametrize(("count", "words"), [(1, "eine Institution ist beigetreten"), (3, "3 Institutionen sind")])
def test_the_list_counts_who_joined(count: int, words: str, read: Read) -> None:
    declaration = DeclarationFactory(title="Lüner Erklärung")
    SignatureFactory.create_batch(count, declaration=declaration)
    page = read("anonymous", "/erklaerungen/")
    assert "Lüner Erklärung" in page
    assert words in page


def test_whoever_asked_reads_so_below_the_text_and_nobody_else_does(read: Read, citizen: User) -> None:
    declaration = DeclarationFactory(slug="bildung")
    organization = OrganizationFactory(name="Musikschule Lippeklang")
    SignatureFactory(
        requested=True,
        declaration=declaration,
        organization=organization,
        person=citizen.person,
        requested_at=berlin(2026, 11, 3),
    )
    expected = "Sie haben am 3. November 2026 gefragt, ob Musikschule Lippeklang beitreten kann."

    assert expected in read("citizen", "/erklaerungen/bildung/")
    for role in ("anonymous", "applicant", "planner"):
        assert "Musikschule Lippeklang" not in read(role, "/erklaerungen/bildung/")


def test_the_planning_group_sees_what_waits_and_what_was_decided_last(read: Read, queries: Callable[..., int]) -> None:
    SignatureFactory(requested=True, organization=OrganizationFactory(name="Wartet noch"))
    SignatureFactory(organization=OrganizationFactory(name="Ist dabei"), signed_on=dt.date(2026, 11, 3))
    declined = {"state": "declined", "reason": "Zu weit weg.", "signed_on": None}
    SignatureFactory(organization=OrganizationFactory(name="Ist es nicht"), **declined)
    page = read("planner", "/arbeitsbereich/beitritte/")
    waiting, decided = page.split("Zuletzt entschieden")
    assert "Wartet noch" in waiting
    assert "Ist dabei" not in waiting
    assert "beigetreten am 3. November 2026" in decided
    assert "abgelehnt: Zu weit weg." in decided

    few = queries("/arbeitsbereich/beitritte/", "planner")
    SignatureFactory.create_batch(29)
    SignatureFactory.create_batch(29, requested=True)
    assert queries("/arbeitsbereich/beitritte/", "planner") == few


def test_an_unknown_declaration_is_404(client: Client) -> None:
    assert client.get("/erklaerungen/gibt-es-nicht/").status_code == 404


def test_the_list_stands_without_any_declaration(client: Client) -> None:
    response = client.get("/erklaerungen/")
    assert "Noch ist keine Erklärung verzeichnet." in response.content.decode()
    assert not response.cookies


def test_the_pages_take_as_many_queries_for_30_rows_as_for_one(queries: Callable[..., int]) -> None:
    declaration = DeclarationFactory()

    def add(count: int) -> None:
        SignatureFactory.create_batch(count, declaration=declaration)
        for _ in range(count):
            SignatureFactory()
            ConferenceFactory(declarations=[declaration])

    addresses = ("/erklaerungen/", declaration.get_absolute_url())
    add(1)
    few = [queries(address) for address in addresses]
    add(29)
    assert [queries(address) for address in addresses] == few
