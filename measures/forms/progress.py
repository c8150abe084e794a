from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dialog.models.base import plausible_day
from dialog.templatetags.dialog import when
from measures.models import Measure, ProgressDraft
from measures.services import progress


class ProgressForm(forms.Form):
    """The state of a measure on a day, as the lead reports it; begins with what the draft has."""

    status = forms.ChoiceField(label=_("Stand"))
    progress = forms.IntegerField(label=_("Fortschritt in Prozent"), min_value=0, max_value=100)
    on = forms.DateField(
        label=_("Stichtag dieser Meldung"),
        validators=[plausible_day],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
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
    milestones = forms.MultipleChoiceField(
        label=_("Erreichte Meilensteine"), required=False, widget=forms.CheckboxSelectMultiple
    )
    #: The newest update, and the draft, on which this form was filled in. (The page draws `version` itself: it changes
    #: with every saving.)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(required=False)

    def __init__(self, *args: Any, measure: Measure, draft: ProgressDraft | None = None, **kwargs: Any) -> None:
        today = timezone.localdate()
        kwargs["initial"] = {
            "status": measure.state,
            "progress": measure.progress,
            "on": today,
            **(draft.values if draft else {}),
            "seen": progress.newest_of(measure),
            "version": draft.version if draft else 0,
        }
        super().__init__(*args, **kwargs)
        states = [Measure.State.IN_PROGRESS, Measure.State.DONE]
        if measure.state == Measure.State.DECIDED:
            states.insert(0, Measure.State.DECIDED)
        cast(forms.ChoiceField, self.fields["status"]).choices = [(state.value, state.label) for state in states]
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        ahead = measure.milestones.filter(done_on=None)
        cast(forms.MultipleChoiceField, self.fields["milestones"]).choices = [
            (str(row.pk), f"{row.name} ({when(row.due_on, row.date_precision)})" if row.due_on else row.name)
            for row in ahead
        ]
        if not ahead:
            del self.fields["milestones"]

    def clean_milestones(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["milestones"]]

    def typed(self) -> dict[str, Any]:
        """What was typed, complete or not, as a draft keeps it."""
        values = {name: self.data.get(name, "") for name in progress.KEPT if name != "milestones"}
        return {**values, "milestones": cast(QueryDict, self.data).getlist("milestones")}

    def taken_from(self) -> dict[str, int]:
        """On which update and which draft the form was filled in; 0 for none."""
        return {name: self._number(name) for name in ("seen", "version")}

    def _number(self, name: str) -> int:
        value = self.data.get(name, "")
        return int(value) if value.isdecimal() and len(value) < 10 else 0

    def now_seen(self, measure: Measure) -> None:
        """The next attempt knows the newest update: it has just been shown."""
        data = cast(QueryDict, self.data).copy()
        data["seen"] = str(progress.newest_of(measure))
        self.data = data


class GiveBackForm(forms.Form):
    """Why the planning group wants a change before it publishes."""

    reason = forms.CharField(label=_("Was fehlt noch?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
