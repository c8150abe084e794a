from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from dialog.forms.strangers import StrangersForm
from measures.models import Question


class QuestionForm(StrangersForm):
    """A question to the lead; who is signed in need not write name and address."""

    text = forms.CharField(
        label=Question._meta.get_field("text").verbose_name,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    name = forms.CharField(
        label=Question._meta.get_field("name").verbose_name,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=Question._meta.get_field("email").verbose_name,
        help_text=_("An diese Adresse geht die Antwort. Ein halbes Jahr danach wird sie gelöscht."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name_public = forms.BooleanField(
        label=Question._meta.get_field("name_public").verbose_name,
        help_text=_("Häufige Fragen veröffentlichen wir mit der Antwort, ohne Haken ohne Ihren Namen."),
        required=False,
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        user = request.user
        if user.is_authenticated:
            kwargs["initial"] = {"name": user.get_full_name(), "email": user.email}
        super().__init__(*args, request=request, **kwargs)
        if user.is_authenticated:
            self.fields["email"].disabled = True


class AnswerForm(forms.Form):
    """The answer; the planning group may publish it at once."""

    text = forms.CharField(
        label=Question._meta.get_field("answer").verbose_name,
        help_text=_("Wer gefragt hat, bekommt diesen Text per E-Mail."),
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    publish = forms.BooleanField(
        label=_("Frage und Antwort auf der Seite der Maßnahme veröffentlichen"), required=False
    )

    def __init__(self, *args: Any, may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_publish:
            del self.fields["publish"]


class DismissForm(forms.Form):
    """Why a question gets no answer."""

    reason = forms.CharField(
        label=_("Warum wird sie nicht beantwortet?"),
        help_text=_("Das liest nur die Planungsgruppe. Wer gefragt hat, bekommt keine Nachricht."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
