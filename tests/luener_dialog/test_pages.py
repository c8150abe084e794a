"""What holds for every page: the frame, the policy, no cookie; and the pages the operator answers for."""

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone
from django_fsm import TransitionNotAllowed

from luener_dialog import urls as portal_urls
from tests.factories import MeasureFactory, MeetingFactory

pytestmark = pytest.mark.django_db

OWN = (
    "/",
    "/suche/",
    "/so-wird-gezaehlt/",
    "/kontakt/",
    "/impressum/",
    "/datenschutz/",
    "/barrierefreiheit/",
    "/hilfe/",
    "/leichte-sprache/",
)
PUBLIC = (
    *OWN,
    "/suche/?q=schule",
    "/massnahmen/",
    "/handlungsfelder/",
    "/arbeitsgruppen/",
    "/gremien/",
    "/mitmachen/",
    "/sitzungen/",
    "/jahreskonferenzen/",
    "/beschluesse/",
    "/empfehlungen/",
    "/vereinbarungen/",
    "/erklaerungen/",
    "/prozess/",
    "/berichte/",
)
FORMS = ("/konto/anmelden/", "/konto/registrieren/", "/konto/anmelden/code/", "/konto/passwort/vergessen/")


def has_something_inline(html: str) -> list[str]:
    """Markup that the policy would block: styles, scripts and event handlers inside the page."""
    scripts = re.findall(r"<script(?![^>]*(?:src=|application/(?:ld\+)?json))[^>]*>", html)
    return scripts + re.findall(r"<style[^>]*>|\sstyle=|\son[a-z]+=", html)


def frame_of(html: str) -> str:
    header, footer = html[html.index("<header") : html.index("</header>")], html[html.index('<footer class="footer"') :]
    own = re.compile(r'<ul class="tools">.*?</ul>', re.DOTALL)
    return own.sub("", header) + footer


def test_the_frame_of_many_pages_is_drawn_by_first_folders(client: Client) -> None:
    """It is drawn once for all pages below a folder, so no entry may lead deeper."""
    entries = re.findall(r'<li><a href="([^"]+)"', frame_of(client.get("/").content.decode()))
    assert len(entries) > 12
    assert [entry for entry in entries if not re.fullmatch(r"/([^/]+/)?", entry)] == []


def test_the_frame_marks_the_page_one_is_on(client: Client) -> None:
    measure = MeasureFactory()
    for address, marked in (
        ("/massnahmen/", [("/massnahmen/", "page")]),
        (measure.get_absolute_url(), [("/massnahmen/", "true")]),
        ("/impressum/", [("/impressum/", "page")]),
        ("/massnahmen/", [("/massnahmen/", "page")]),
    ):
        frame = frame_of(client.get(address).content.decode())
        assert re.findall(r'href="([^"]+)" aria-current="(\w+)"', frame) == marked


@pytest.mark.parametrize("address", PUBLIC)
def test_reading_sets_no_cookie_and_keeps_the_policy(client: Client, address: str) -> None:
    MeasureFactory(is_example=True)
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert has_something_inline(response.content.decode()) == []


@pytest.mark.parametrize("address", FORMS)
def test_the_pages_with_forms_keep_the_policy_too(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert has_something_inline(response.content.decode()) == []


@pytest.mark.parametrize("address", [*OWN, *FORMS])
def test_every_page_has_one_heading_of_its_own_and_none_skips_a_level(client: Client, address: str) -> None:
    html = client.get(address).content.decode()
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_titles_tell_the_pages_apart(client: Client) -> None:
    pages = (client.get(address).content.decode() for address in (*OWN, *FORMS))
    titles = [re.search(r"<title>(.*?)</title>", html, re.DOTALL).group(1) for html in pages]
    assert len(set(titles)) == len(titles)
    assert all("Lüner Dialog" in title for title in titles)


def test_everything_the_frame_links_to_is_there(client: Client) -> None:
    html = client.get("/").content.decode()
    frame = html.split("<main")[0] + html.split("</main>")[1]
    addresses = set(re.findall(r'href="(/[^"#]*)"', frame))
    pages = {address for address in addresses if not address.startswith("/static/")}
    assert len(pages) >= 19
    assert {address: client.get(address).status_code for address in pages} == dict.fromkeys(pages, 200)


def test_nothing_is_fetched_from_elsewhere(client: Client) -> None:
    html = client.get("/").content.decode()
    addresses = re.findall(r'(?:src|href)="(?!/|#|mailto:)([^"]*)"', html)
    assert addresses == [f"{portal_settings.BASE_URL}/"]  # the page's own, as search engines should name it


def test_the_demonstration_says_on_every_page_that_it_is_one(client: Client, settings: Any) -> None:
    for demo in (True, False):
        settings.DEMO = demo
        said = "keine amtliche Seite der Stadt Lünen" in client.get("/impressum/").content.decode()
        assert said is demo


def test_what_the_operator_must_fill_in_is_marked(client: Client) -> None:
    for address in ("/impressum/", "/datenschutz/", "/barrierefreiheit/", "/kontakt/"):
        html = client.get(address).content.decode()
        assert '<span class="placeholder">' in html
        assert portal_settings.CONTACT_EMAIL in html


def test_the_frame_offers_work_to_those_who_have_some(
    client_of: Callable[[Any], Client], citizen: Any, chair: Any, planner: Any
) -> None:
    assert "Arbeitsbereich" not in client_of(citizen).get("/").content.decode()
    for user in (chair, planner):
        assert 'href="/arbeitsbereich/"' in client_of(user).get("/").content.decode()


def test_leaving_is_a_form_not_a_link(client_of: Callable[[Any], Client], citizen: Any) -> None:
    browser = client_of(citizen)
    assert '<form method="post" action="/konto/abmelden/">' in browser.get("/").content.decode()
    browser.post("/konto/abmelden/")
    assert "Anmelden" in browser.get("/").content.decode()


def test_an_unknown_page_offers_the_search(client: Client) -> None:
    response = client.get("/massnahmen-alt/")
    assert response.status_code == 404
    html = response.content.decode()
    assert "Diese Seite gibt es nicht" in html
    assert 'action="/suche/"' in html
    assert not response.cookies
    assert has_something_inline(html) == []


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def too_late(request: HttpRequest) -> HttpResponse:
    raise TransitionNotAllowed


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


urlpatterns = [
    path("verboten/", forbidden),
    path("zu-spaet/", too_late),
    path("kaputt/", broken),
    *portal_urls.urlpatterns,
]
handler400, handler403 = portal_urls.handler400, portal_urls.handler403
handler404, handler500 = portal_urls.handler404, portal_urls.handler500


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/verboten/", 403, "Das ist nicht für alle"),
        ("/zu-spaet/", 409, "Das geht gerade nicht (mehr)"),
        ("/kaputt/", 500, "Da ist etwas schiefgegangen"),
    ],
)
def test_errors_say_what_to_do_next(address: str, status: int, heading: str) -> None:
    client = Client(raise_request_exception=False)
    with override_settings(ROOT_URLCONF=__name__):
        response = client.get(address)
    html = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{heading}</h1>" in html
    assert 'href="/"' in html
    assert has_something_inline(html) == []


def test_who_may_not_is_offered_to_sign_in_and_comes_back(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    assert 'href="/konto/anmelden/?next=%2Fverboten%2F"' in client.get("/verboten/").content.decode()


def test_a_step_that_came_too_late_leads_back(client: Client, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    html = client.get("/zu-spaet/", headers={"referer": "http://testserver/sitzungen/1/"}).content.decode()
    assert 'href="http://testserver/sitzungen/1/"' in html


def test_the_page_of_a_broken_portal_asks_neither_database_nor_session(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    with django_assert_num_queries(0):
        assert client.get("/kaputt/").status_code == 500


def test_a_malformed_request_is_answered_in_words(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["luener-dialog.example"]
    response = client.get("/", headers={"host": "boese.example"})
    assert response.status_code == 400
    assert "Diese Anfrage verstehen wir nicht" in response.content.decode()


def test_what_is_far_too_large_is_refused_before_it_is_read(client: Client, settings: Any) -> None:
    settings.UPLOAD_MAX_MB = 1
    response = client.post(
        "/suche/", b"", content_type="application/octet-stream", headers={"content-length": str(11 * 2**20)}
    )
    assert response.status_code == 413
    assert "Eine Datei darf höchstens 1 MB haben" in response.content.decode()


def test_a_text_that_is_far_too_long_is_refused_in_words(client: Client) -> None:
    response = client.post(
        "/konto/anmelden/", "login=" + "a" * 3_000_000, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 413
    assert "<h1>Das ist zu groß</h1>" in response.content.decode()


def test_maintenance_answers_without_the_database(
    client: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.MAINTENANCE = True
    with django_assert_num_queries(0):
        response = client.get("/massnahmen/")
        assert client.get("/healthz").status_code == 200
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "600"
    assert "<h1>Wir arbeiten gerade am Portal</h1>" in response.content.decode()
    assert has_something_inline(response.content.decode()) == []


def test_a_form_that_stood_open_too_long_says_so() -> None:
    response = Client(enforce_csrf_checks=True).post("/konto/anmelden/", {"login": "a@example.org"})
    assert response.status_code == 403
    assert "Dieses Formular ist abgelaufen" in response.content.decode()


def test_pages_work_for_a_meeting_whose_title_is_markup(client: Client) -> None:
    MeetingFactory(title="<b>fett</b>", starts_at=timezone.now())
    assert "<b>fett</b>" not in client.get("/").content.decode()
