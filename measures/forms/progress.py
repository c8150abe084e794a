from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from measures.models import Measure


class ProgressForm(forms.Form):
    """The state of a measure on a day, as the lead reports it."""

    status = forms.ChoiceField(label=_("Stand"))
    progress = forms.IntegerField(label=_("Fortschritt in Prozent"), min_value=0, max_value=100)
    on = forms.DateField(
        label=_("Stichtag dieser Meldung"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    text = forms.CharField(
        label=_("Was ist geschehen?"),
        help_text=_("Zwei bis fünf Sätze, die auch versteht, wer nicht in der Verwaltung arbeitet."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    outlook = forms.CharField(
        label=_("Wie geht es weiter?"),
        help_text=_("Freiwillig: der nächste Schritt und wann er geplant ist."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, measure: Measure, **kwargs: Any) -> None:
        today = timezone.localdate()
        kwargs["initial"] = {"status": measure.state, "progress": measure.progress, "on": today}
        super().__init__(*args, **kwargs)
        states = [Measure.State.IN_PROGRESS, Measure.State.DONE]
        if measure.state == Measure.State.DECIDED:
            states.insert(0, Measure.State.DECIDED)
        cast(forms.ChoiceField, self.fields["status"]).choices = [(state.value, state.label) for state in states]
        self.fields["on"].widget.attrs["max"] = today.isoformat()
