from django import forms
from django.utils.translation import gettext_lazy as _

from dialog.models import BarrierReport

from .strangers import StrangersForm


class SitePageForm(forms.Form):
    text = forms.CharField(
        label=_("Text"),
        max_length=60_000,
        help_text=_(
            "Leerzeile: neuer Absatz. ## am Anfang: Überschrift. - am Anfang: Liste. [Wort](Adresse): Link. "
            "Was in eckigen Klammern steht, erscheint auf der Seite hervorgehoben als noch zu ergänzen. "
            "{kontakt} wird zur Kontaktadresse."
        ),
        widget=forms.Textarea(attrs={"rows": 24}),
    )


class BarrierForm(StrangersForm):
    text = forms.CharField(
        label=BarrierReport._meta.get_field("text").verbose_name,
        max_length=4000,
        help_text=_("Was wollten Sie tun, und was ging nicht? Wenn Sie mögen, nennen Sie Ihr Gerät oder Hilfsmittel."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    address = forms.CharField(
        label=BarrierReport._meta.get_field("address").verbose_name, max_length=500, required=False
    )
    email = forms.EmailField(
        label=BarrierReport._meta.get_field("email").verbose_name,
        required=False,
        help_text=_("Nur wenn Sie eine Antwort möchten. Ein Jahr nach der Antwort wird sie gelöscht."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class BarrierAnswerForm(forms.Form):
    text = forms.CharField(
        label=BarrierReport._meta.get_field("answer").verbose_name,
        max_length=4000,
        help_text=_("Wer eine Adresse angegeben hat, bekommt diesen Text als Antwort."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
