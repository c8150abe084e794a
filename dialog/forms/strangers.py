"""Forms that anyone may send, also without an account: how they keep machines out without a riddle for people."""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

#: So many messages from one address on the net within so many seconds; a family or an office shares one.
MESSAGES, SECONDS = 10, 3600


class StrangersForm(forms.Form):
    """A form with a field that people do not see and machines fill in, and with a limit per sender and form.

    Takes `request` besides what a form takes. Who sends too much keeps what they typed and reads when it goes on.
    """

    #: Named like something that machines like to fill in.
    website = forms.CharField(
        label=_("Bitte leer lassen"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("Dieses Feld muss leer bleiben."), code="machine")
        return ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self._within_limit():
            raise ValidationError(
                _(
                    "Von Ihrem Anschluss kamen gerade sehr viele Nachrichten. "
                    "Bitte versuchen Sie es in einer Stunde noch einmal."
                ),
                code="limit",
            )
        return cleaned

    def _within_limit(self) -> bool:
        """Counts this message. The count is kept per process where no Redis is set."""
        sender = get_adapter(self.request).get_client_ip(self.request)
        key = f"messages:{type(self).__name__}:{sender}"
        cache.add(key, 0, SECONDS)
        return cache.incr(key) <= MESSAGES
