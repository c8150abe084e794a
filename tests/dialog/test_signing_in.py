"""Signing up and in: a code by mail, a password for those who want one, a second factor for those who need one."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account import urls as account_urls
from allauth.mfa import urls as mfa_urls
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from post_office.models import Email

from dialog.models import User
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "Sonnenblume am Fluss 7"
#: Allauth's words for somebody it is on first-name terms with.
FAMILIAR = re.compile(r"\b(?:[Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich|[Bb]itte (?:gib|wähle|versuche|habe|bestätige))\b")


@pytest.fixture(autouse=True)
def _fresh_rate_limits() -> None:
    cache.clear()


def code_in(mail: Email) -> str:
    return re.search(r"^ {4}(\S+)$", mail.message, re.MULTILINE).group(1)


def last_mail(to: str) -> Email:
    mail = Email.objects.order_by("-pk").first()
    assert mail is not None
    assert mail.to == [to]
    return mail


def totp_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def account(email: str = "carla@example.org", **values: Any) -> User:
    user = PersonFactory(name="Carla Bürgerin", user=UserFactory(email=email, **values)).user
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    return user


# ── signing up ──────────────────────────────────────────────────────────────────────────────────────────


def test_signing_up_takes_a_name_an_address_and_the_code_from_the_mail(client: Client) -> None:
    response = client.post("/konto/registrieren/", {"name": "Carla  Bürgerin", "email": "Carla@Example.org"})
    assert response.url == "/konto/registrieren/bestaetigen/"
    assert not is_signed_in(client)
    mail = last_mail("carla@example.org")
    assert mail.subject == "Bitte bestätigen Sie Ihre E-Mail-Adresse"
    response = client.post(response.url, {"code": code_in(mail)})
    assert response.url == "/konto/"
    assert is_signed_in(client)
    user = User.objects.get(email="carla@example.org")
    assert user.person.name == "Carla Bürgerin"
    assert not user.has_usable_password()


def test_the_way_to_a_form_leads_back_to_it_after_signing_up(client: Client) -> None:
    response = client.post(
        "/konto/registrieren/", {"name": "Carla", "email": "carla@example.org", "next": "/mitmachen/"}
    )
    response = client.post(response.url, {"code": code_in(last_mail("carla@example.org"))})
    assert response.url == "/mitmachen/"


def test_a_wrong_code_changes_nothing_and_says_so(client: Client) -> None:
    client.post("/konto/registrieren/", {"name": "Carla", "email": "carla@example.org"})
    response = client.post("/konto/registrieren/bestaetigen/", {"code": "FALSCH"})
    assert "Dieser Code stimmt nicht" in response.content.decode()
    assert not is_signed_in(client)


def test_a_new_code_can_be_asked_for(client: Client) -> None:
    client.post("/konto/registrieren/", {"name": "Carla", "email": "carla@example.org"})
    assert "Neuen Code schicken" in client.get("/konto/registrieren/bestaetigen/").content.decode()
    too_soon = client.post("/konto/registrieren/bestaetigen/", {"action": "resend"})
    assert too_soon.status_code == 429
    assert "bitte warten Sie etwa drei Minuten" in too_soon.content.decode()
    cache.clear()
    client.post("/konto/registrieren/bestaetigen/", {"action": "resend"})
    _first, second = Email.objects.order_by("pk")
    client.post("/konto/registrieren/bestaetigen/", {"code": code_in(second)})
    assert is_signed_in(client)


def test_a_name_is_needed_and_what_was_typed_stays(client: Client) -> None:
    html = client.post("/konto/registrieren/", {"name": "", "email": "carla@example.org"}).content.decode()
    assert "Bitte prüfen Sie Ihre Angaben" in html
    assert 'value="carla@example.org"' in html
    assert not User.objects.exists()


def test_nobody_learns_from_signing_up_who_has_an_account(client: Client) -> None:
    account()
    taken = client.post("/konto/registrieren/", {"name": "Neugier", "email": "carla@example.org"})
    mail = last_mail("carla@example.org")
    assert mail.subject == "Sie haben schon ein Konto"
    assert "/konto/anmelden/" in mail.message
    free = Client().post("/konto/registrieren/", {"name": "Neugier", "email": "frei@example.org"})
    assert taken.url == free.url
    assert User.objects.filter(email="carla@example.org").count() == 1


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_by_mail_is_enough_to_sign_in(client: Client) -> None:
    account()
    response = client.post("/konto/anmelden/", {"login": "CARLA@example.org", "next": "/mitmachen/"})
    assert response.url == "/konto/anmelden/code/eingeben/?next=%2Fmitmachen%2F"
    assert "carla@example.org" in client.get(response.url).content.decode()
    mail = last_mail("carla@example.org")
    assert mail.subject == "Ihr Anmeldecode"
    assert client.post(response.url, {"code": code_in(mail)}).url == "/mitmachen/"
    assert is_signed_in(client)


def test_a_redirect_never_leaves_the_portal(client: Client) -> None:
    account()
    client.post("/konto/anmelden/", {"login": "carla@example.org", "next": "https://boese.example/"})
    response = client.post("/konto/anmelden/code/eingeben/", {"code": code_in(last_mail("carla@example.org"))})
    assert response.url == "/konto/"


def test_an_unknown_address_gets_a_mail_and_the_same_page(client: Client) -> None:
    account()
    unknown = client.post("/konto/anmelden/", {"login": "fremd@example.org"})
    assert unknown.url == Client().post("/konto/anmelden/", {"login": "carla@example.org"}).url
    mail = Email.objects.get(to="fremd@example.org")
    assert mail.subject == "Zu dieser Adresse gibt es kein Konto"
    assert "/konto/registrieren/" in mail.message


def test_the_code_of_somebody_else_does_not_fit(client: Client) -> None:
    account()
    account("anton@example.org")
    client.post("/konto/anmelden/", {"login": "carla@example.org"})
    Client().post("/konto/anmelden/", {"login": "anton@example.org"})
    client.post("/konto/anmelden/code/eingeben/", {"code": code_in(last_mail("anton@example.org"))})
    assert not is_signed_in(client)


def test_who_has_a_password_signs_in_with_it_and_gets_no_code(client: Client) -> None:
    account(password=PASSWORD)
    assert client.post("/konto/anmelden/", {"login": "carla@example.org", "password": PASSWORD}).url == "/konto/"
    assert is_signed_in(client)
    assert not Email.objects.exists()


def test_a_wrong_password_is_told_as_such_and_the_address_stays(client: Client) -> None:
    account(password=PASSWORD)
    html = client.post("/konto/anmelden/", {"login": "carla@example.org", "password": "falsch"}).content.decode()
    assert "E-Mail-Adresse und Passwort passen nicht zusammen." in html
    assert 'value="carla@example.org"' in html
    assert "<details" in html.split("open><summary>")[0]
    assert not is_signed_in(client)


def test_without_a_password_no_password_opens_the_account(client: Client) -> None:
    account()
    for password in (" ", "irgendeins", "!"):
        client.post("/konto/anmelden/", {"login": "carla@example.org", "password": password})
        assert not is_signed_in(client)


def test_too_many_wrong_passwords_have_to_wait(client: Client) -> None:
    account(password=PASSWORD)
    for _attempt in range(10):
        client.post("/konto/anmelden/", {"login": "carla@example.org", "password": "falsch"})
    html = client.post("/konto/anmelden/", {"login": "carla@example.org", "password": PASSWORD}).content.decode()
    assert "Das waren zu viele Versuche" in html
    assert not is_signed_in(client)


def test_signing_out_needs_a_form(client_of: Callable[[Any], Client], citizen: User) -> None:
    browser = client_of(citizen)
    assert "Möchten Sie sich abmelden?" in browser.get("/konto/abmelden/").content.decode()
    assert is_signed_in(browser)
    assert browser.post("/konto/abmelden/").url == "/"
    assert not is_signed_in(browser)


# ── address and password ────────────────────────────────────────────────────────────────────────────────


def test_a_new_address_counts_once_its_code_is_entered(client_of: Callable[[Any], Client]) -> None:
    user = account()
    browser = client_of(user)
    response = browser.post("/konto/e-mail/", {"action_add": "", "email": "neu@example.org"})
    assert User.objects.get(pk=user.pk).email == "carla@example.org"
    browser.post(response.url, {"code": code_in(Email.objects.get(to="neu@example.org"))})
    assert User.objects.get(pk=user.pk).email == "neu@example.org"


def test_a_forgotten_password_is_set_anew_over_a_link(client: Client) -> None:
    user = account(password=PASSWORD)
    assert client.post("/konto/passwort/vergessen/", {"email": "carla@example.org"}).url == (
        "/konto/passwort/vergessen/gesendet/"
    )
    address = re.search(r"http://testserver(/konto/passwort/neu/\S+)", last_mail("carla@example.org").message).group(1)
    form = client.get(address, follow=True)
    new = "Ein ganz anderes Wort 8"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert User.objects.get(pk=user.pk).check_password(new)
    assert "gilt nicht mehr" in Client().get(address, follow=True).content.decode()


def test_a_password_can_be_set_and_changed(client_of: Callable[[Any], Client]) -> None:
    user = account()
    browser = client_of(user)
    html = browser.post("/konto/passwort/festlegen/", {"password1": "kurz", "password2": "kurz"}).content.decode()
    assert "error-summary" in html
    browser.post("/konto/passwort/festlegen/", {"password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    new = "Ein ganz anderes Wort 8"
    browser.post("/konto/passwort/aendern/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert User.objects.get(pk=user.pk).check_password(new)


# ── second factor ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_is_set_up_and_then_asked_for() -> None:
    account(password=PASSWORD)
    browser = Client()
    browser.post("/konto/anmelden/", {"login": "carla@example.org", "password": PASSWORD})
    asked = browser.get("/konto/zweiter-faktor/app/")
    assert asked.url == "/konto/bestaetigen/?next=%2Fkonto%2Fzweiter-faktor%2Fapp%2F"
    assert browser.post(asked.url, {"password": PASSWORD}).url == "/konto/zweiter-faktor/app/"
    html = browser.get("/konto/zweiter-faktor/app/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in html
    wrong = browser.post("/konto/zweiter-faktor/app/", {"code": "000000"}).content.decode()
    assert "Falscher Code." in wrong
    secret = re.search(r"<code>(\w+)</code>", wrong).group(1)
    response = browser.post("/konto/zweiter-faktor/app/", {"code": totp_code(secret)})
    assert response.url == "/konto/zweiter-faktor/notfallcodes/"
    codes = re.findall(r"<li><code>(\w+)</code></li>", browser.get(response.url).content.decode())
    assert len(codes) == 10
    assert "Authenticator-App eingerichtet" in [mail.subject for mail in Email.objects.all()]

    stranger = Client()
    response = stranger.post("/konto/anmelden/", {"login": "carla@example.org", "password": PASSWORD})
    assert response.url == "/konto/anmelden/zweiter-faktor/"
    assert "doppelt geschützt" in stranger.get(response.url).content.decode()
    assert not is_signed_in(stranger)
    stranger.post(response.url, {"code": codes[0]})
    assert is_signed_in(stranger)


# ── all pages and mails ─────────────────────────────────────────────────────────────────────────────────


def names_in(patterns: list[URLPattern | URLResolver]) -> set[str]:
    names: set[str] = set()
    for pattern in patterns:
        names |= names_in(pattern.url_patterns) if isinstance(pattern, URLResolver) else {str(pattern.name)}
    return names


def test_every_address_that_allauth_may_lead_to_exists_in_german() -> None:
    for name in names_in(account_urls.urlpatterns) | names_in(mfa_urls.urlpatterns):
        arguments: dict[str, Any] = {}
        if name in {"mfa_edit_webauthn", "mfa_remove_webauthn"}:
            arguments = {"pk": 1}
        elif name == "account_reset_password_from_key":
            arguments = {"uidb36": "1", "key": "abc"}
        assert reverse(name, kwargs=arguments).startswith("/konto/"), name


@pytest.mark.parametrize(
    "address",
    [
        "/konto/abmelden/",
        "/konto/e-mail/",
        "/konto/passwort/festlegen/",
        "/konto/zweiter-faktor/",
        "/konto/zweiter-faktor/app/",
        "/konto/zweiter-faktor/schluessel/",
        "/konto/zweiter-faktor/schluessel/neu/",
        "/konto/gesperrt/",
    ],
)
def test_the_pages_of_an_account_look_like_the_portal_and_say_sie(address: str) -> None:
    account()
    browser = Client()
    browser.post("/konto/anmelden/", {"login": "carla@example.org"})
    browser.post("/konto/anmelden/code/eingeben/", {"code": code_in(last_mail("carla@example.org"))})
    response = browser.get(address)
    assert response.status_code == 200
    html = response.content.decode()
    assert 'class="brand"' in html
    assert html.count("<h1") == 1
    text = re.sub(r"<[^>]+>", " ", html)
    assert FAMILIAR.findall(text) == []
    assert " style=" not in html


@pytest.mark.parametrize(
    "address",
    [
        "/konto/anmelden/",
        "/konto/registrieren/",
        "/konto/anmelden/code/",
        "/konto/passwort/vergessen/",
        "/konto/passwort/vergessen/gesendet/",
        "/konto/passwort/neu/fertig/",
        "/konto/passwort/neu/1-abc/",
    ],
)
def test_the_pages_before_signing_in_say_sie(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert FAMILIAR.findall(re.sub(r"<[^>]+>", " ", html)) == []


def test_the_mails_are_plain_german_and_nothing_in_them_is_escaped() -> None:
    account("o'neill@example.org", password=PASSWORD)
    Client().post("/konto/anmelden/", {"login": "o'neill@example.org"})
    Client().post("/konto/registrieren/", {"name": "O", "email": "o'neill@example.org"})
    Client().post("/konto/registrieren/", {"name": "Neu", "email": "neu@example.org"})
    Client().post("/konto/passwort/vergessen/", {"email": "o'neill@example.org"})
    Client().post("/konto/anmelden/", {"login": "fremd@example.org"})
    mails = list(Email.objects.all())
    assert len(mails) == 5
    for mail in mails:
        text = f"{mail.subject}\n{mail.message}"
        assert mail.message.startswith("Guten Tag,\n")
        assert mail.message.rstrip().endswith("Ihr Lüner Dialog\nhttp://127.0.0.1:8000")
        assert FAMILIAR.findall(text) == []
        assert "&#" not in text
        assert "\n\n\n" not in mail.message
