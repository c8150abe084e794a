from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dialog.services import people


class SignupForm(forms.Form):
    """What signing up asks beside the mail address."""

    name = forms.CharField(
        label=_("Ihr Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Vor- und Nachname. Öffentlich erscheint er nur, wenn Sie zustimmen."),
    )
    field_order = ("name", "email")

    def signup(self, request: HttpRequest, user: Any) -> None:
        people.welcome(user, name=self.cleaned_data["name"])


class LanguageForm(forms.Form):
    """The language of pages and mails."""

    language = forms.ChoiceField(label=_("Sprache der Seiten und Nachrichten"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]

    @property
    def is_a_choice(self) -> bool:
        """Whether there is more than one."""
        return len(settings.LANGUAGES) > 1


class CloseForm(forms.Form):
    """Ending an account: its address is typed once more, so that nobody does it by mistake."""

    email = forms.EmailField(
        label=_("Ihre E-Mail-Adresse"),
        help_text=_("Bitte tippen Sie die Adresse Ihres Kontos ein, damit nichts aus Versehen gelöscht wird."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        """The account's own address, in whatever case."""
        if self.cleaned_data["email"].lower() != self.user.email.lower():
            raise forms.ValidationError(_("Das ist nicht die Adresse dieses Kontos."))
        return self.cleaned_data["email"]
