from typing import Any

from django import forms
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
