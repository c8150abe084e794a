"""Signing in: a code by mail first, a password for those who set one."""

from allauth.account.fields import PasswordField
from allauth.account.forms import LoginForm as CodeLoginForm
from django.utils.translation import gettext_lazy as _


class LoginForm(CodeLoginForm):
    """Allauth's form for signing in by code, with a password that may stay empty.

    Allauth drops the field when signing up asks for no password; with it filled in, it compares the password.
    """

    password = PasswordField(label=_("Passwort"), autocomplete="current-password", required=False)

    def _setup_password_field(self) -> None:
        self.fields["login"].label = _("E-Mail-Adresse")
        self.fields["password"].help_text = _("Leer lassen, wenn Sie lieber einen Code per E-Mail bekommen.")
