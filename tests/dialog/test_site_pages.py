"""Pages that the operator answers for, and barriers that readers report."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from dialog.models import BarrierReport, SitePage, User
from dialog.services import barriers, pages
from tests.factories import BarrierReportFactory

Kind = SitePage.Kind
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _nobody_has_written_yet() -> None:
    cache.clear()


# ── texts ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", Kind)
def test_every_page_has_a_text_before_the_operator_writes_one(client: Client, db: None, kind: SitePage.Kind) -> None:
    html = client.get(kind.address).content.decode()
    assert f"<h1>{kind.label}</h1>" in html
    assert len(pages.own_text(kind)) > 300
    assert "{kontakt}" not in html
    assert "{tage}" not in html


def test_what_the_operator_writes_stands_on_the_page(
    client: Client, client_of: Callable[[Any], Client], planner: User
) -> None:
    address = "/arbeitsbereich/seiten/impressum/"
    response = client_of(planner).post(address, {"text": "## Stadt Musterhausen\n\nTelefon: [Nummer]"}, follow=True)
    assert response.redirect_chain == [("/impressum/", 302)]
    html = client.get("/impressum/").content.decode()
    assert "<h2>Stadt Musterhausen</h2>" in html
    assert '<span class="placeholder">Nummer</span>' in html
    assert "Medienstaatsvertrag" not in html


def test_a_preview_changes_nothing(client_of: Callable[[Any], Client], planner: User) -> None:
    response = client_of(planner).post("/arbeitsbereich/seiten/hilfe/", {"text": "## Nur ein Versuch", "preview": "1"})
    assert "<h2>Nur ein Versuch</h2>" in response.content.decode()
    assert not SitePage.objects.exists()


def test_the_portals_text_comes_back_and_the_own_one_stays_in_the_history(
    client: Client, client_of: Callable[[Any], Client], planner: User
) -> None:
    pages.write(Kind.HELP, "Erste Fassung", by=planner)
    pages.write(Kind.HELP, "Zweite Fassung", by=planner)
    client_of(planner).post("/arbeitsbereich/seiten/hilfe/vorlage/")
    assert "Zweite Fassung" not in client.get("/hilfe/").content.decode()
    first = SitePage.history.filter(text="Erste Fassung").get()
    editor = client_of(planner).get(f"/arbeitsbereich/seiten/hilfe/?fassung={first.pk}")
    assert "Erste Fassung</textarea>" in editor.content.decode()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("# Groß\n\n#### Tief", "<h2>Groß</h2>\n<h3>Tief</h3>"),
        ("eins\nzwei", "eins<br>\nzwei"),
        ("[Ziel](/massnahmen/)", '<a href="/massnahmen/">Ziel</a>'),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[böse](javascript:alert(1))", "javascript"),
        ("[Straße]", '<span class="placeholder">Straße</span>'),
    ],
)
def test_markdown_becomes_safe_html(typed: str, shown: str) -> None:
    html = pages.rendered(typed)
    assert shown in html
    assert "<script" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize(("typed", "gaps"), [("Telefon: [Nummer]", True), ("[Ziel](/massnahmen/)", False)])
def test_gaps_are_brackets_that_are_no_link(typed: str, gaps: bool) -> None:
    assert pages.has_gaps(typed) is gaps


def test_an_empty_text_is_refused_with_a_word(client_of: Callable[[Any], Client], planner: User) -> None:
    response = client_of(planner).post("/arbeitsbereich/seiten/hilfe/", {"text": "  \x00 "})
    assert response.status_code == 200
    assert response.context["form"].errors["text"]
    with pytest.raises(ValidationError):
        pages.write(Kind.HELP, " ", by=planner)


def test_only_those_who_run_the_process_write(citizen: User, client_of: Callable[[Any], Client]) -> None:
    with pytest.raises(PermissionDenied):
        pages.write(Kind.HELP, "Hallo", by=citizen)
    assert client_of(citizen).post("/arbeitsbereich/seiten/hilfe/vorlage/").status_code == 403


def test_unknown_pages_and_versions_are_not_found(client_of: Callable[[Any], Client], planner: User) -> None:
    assert client_of(planner).get("/arbeitsbereich/seiten/unsinn/").status_code == 404
    assert client_of(planner).get("/arbeitsbereich/seiten/hilfe/?fassung=999").status_code == 404


# ── barriers ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_barrier_is_taken_down_and_told(client: Client, db: None, settings: Any) -> None:
    response = client.post(
        "/barriere-melden/",
        {"text": "Das Diagramm hat keinen Text.", "address": "/berichte/2025/", "email": "Lea@example.org"},
        follow=True,
    )
    assert "Danke für Ihren Hinweis" in response.content.decode()
    barrier = BarrierReport.objects.get()
    assert (barrier.text, barrier.email) == ("Das Diagramm hat keinen Text.", "lea@example.org")
    mail = Email.objects.get()
    assert mail.to == [settings.CONTACT_EMAIL]
    assert f"/arbeitsbereich/barrieren/{barrier.pk}/" in mail.message


def test_the_page_somebody_came_from_is_filled_in_but_no_foreign_one(client: Client, db: None) -> None:
    own = client.get("/barriere-melden/", headers={"referer": "http://testserver/mitmachen/"})
    assert 'value="http://testserver/mitmachen/"' in own.content.decode()
    foreign = client.get("/barriere-melden/", headers={"referer": "https://example.com/geheim"})
    assert "geheim" not in foreign.content.decode()


def test_without_a_text_nothing_is_taken_down_and_the_address_stays(client: Client, db: None) -> None:
    response = client.post("/barriere-melden/", {"text": "", "email": "kein-at"})
    assert 'value="kein-at"' in response.content.decode()
    assert not BarrierReport.objects.exists()


def test_an_answer_is_noted_and_mailed_once(planner: User) -> None:
    barrier = BarrierReportFactory(email="lea@example.org")
    barriers.answer(barrier, "Das Diagramm hat jetzt eine Tabelle.", by=planner, at=NOW)
    barrier.refresh_from_db()
    assert (barrier.done_at, barrier.done_by) == (NOW, planner.person)
    assert "Das Diagramm hat jetzt eine Tabelle." in Email.objects.get().message
    with pytest.raises(ValidationError):
        barriers.answer(barrier, "Noch einmal", by=planner, at=NOW)
    assert Email.objects.count() == 1


def test_an_open_barrier_stands_on_the_first_page_of_the_workspace(
    client_of: Callable[[Any], Client], planner: User, chair: User
) -> None:
    barrier = BarrierReportFactory(text="Die Karte spricht nicht.")
    assert "Die Karte spricht nicht." in client_of(planner).get("/arbeitsbereich/").content.decode()
    assert "Die Karte spricht nicht." not in client_of(chair).get("/arbeitsbereich/").content.decode()
    response = client_of(planner).post(f"/arbeitsbereich/barrieren/{barrier.pk}/", {"text": "Behoben."})
    assert response.status_code == 302
    assert "Die Karte spricht nicht." not in client_of(planner).get("/arbeitsbereich/").content.decode()


def test_answered_reports_are_forgotten_after_a_year(planner: User) -> None:
    old = BarrierReportFactory(reported_at=NOW - dt.timedelta(days=500))
    barriers.answer(old, "Behoben.", by=planner, at=NOW - dt.timedelta(days=400))
    open_one = BarrierReportFactory(reported_at=NOW - dt.timedelta(days=500))
    assert barriers.forget(NOW) == 1
    assert list(BarrierReport.objects.all()) == [open_one]
