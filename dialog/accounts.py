"""How accounts behave: mail goes out with the transaction, and every account is a person."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AccountAdapter(DefaultAccountAdapter):
    """Allauth's behaviour, with addresses in lower case and a `Person` for each new account."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("Dieses Konto ist gesperrt."),
        "duplicate_email": _("Diese E-Mail-Adresse gehört schon zu Ihrem Konto."),
        "email_password_mismatch": _("E-Mail-Adresse und Passwort passen nicht zusammen."),
        "email_taken": _("Mit dieser E-Mail-Adresse gibt es schon ein Konto."),
        "enter_current_password": _("Bitte geben Sie Ihr bisheriges Passwort ein."),
        "incorrect_code": _("Dieser Code stimmt nicht. Bitte prüfen Sie ihn oder fordern Sie einen neuen an."),
        "incorrect_password": _("Dieses Passwort stimmt nicht."),
        "invalid_password_reset": _("Dieser Link gilt nicht mehr. Bitte fordern Sie einen neuen an."),
        "rate_limited": _("Das waren zu viele Versuche. Bitte warten Sie ein paar Minuten."),
        "same_as_current": _("Das ist schon Ihre jetzige Angabe."),
        "too_many_login_attempts": _("Das waren zu viele Versuche. Bitte warten Sie ein paar Minuten."),
        "unverified_primary_email": _("Bitte bestätigen Sie zuerst Ihre E-Mail-Adresse."),
    }

    def clean_email(self, email: str) -> str:
        return super().clean_email(email).lower()

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit=False)
        user.email = user.email.lower()
        if commit:
            user.save()
        return user
