"""What the planning group, the steering group's lead and the groups' leads enter about a report."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from measures.models import CouncilReport, GroupStatement, ReportText


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def _reason(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ReportForm(forms.Form):
    """For which year a report is to be made."""

    year = forms.IntegerField(label=_("Berichtsjahr"), min_value=1)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = today.year


class DatesForm(forms.ModelForm):
    """The dates of a report."""

    cutoff_planned = _day(
        _("Stichtag"),
        required=False,
        help_text=_("Der letzte Tag, von dem der Bericht erzählt. Leer: wie in jedem Jahr."),
    )
    updates_until = _day(_("Sachstände erbeten bis"), required=False)
    consultation_until = _day(
        _("Stellungnahmen der Arbeitsgruppen bis"), required=False, help_text=_("Der letzte Tag gehört dazu.")
    )
    council_on = _day(_("Sitzung des Rates"), required=False)

    class Meta:
        model = CouncilReport
        fields = ("cutoff_planned", "updates_until", "consultation_until", "council_on")

    def _post_clean(self) -> None:
        # The service judges the dates; the row stays as it is until then.
        pass


class StepForm(forms.Form):
    """A step that asks for nothing but a yes."""


class GatherForm(StepForm):
    updates_until = _day(_("Sachstände erbeten bis"))


class ConsultForm(StepForm):
    consultation_until = _day(_("Stellungnahmen bis"), help_text=_("Der letzte Tag gehört dazu."))


class HandOverForm(StepForm):
    paper_number = forms.CharField(
        label=_("Nummer der Vorlage"), help_text=_("zum Beispiel VL-154/2026"), max_length=40
    )
    council_on = _day(_("Sitzung des Rates"), required=False)


class NoteForm(StepForm):
    noted_on = _day(_("Sitzung vom"))
    outcome = forms.ChoiceField(label=_("Ergebnis"), choices=CouncilReport.Outcome.choices)
    vote = forms.CharField(
        label=_("Abstimmung"),
        help_text=_("Freiwillig, zum Beispiel „einstimmig“ oder „38 Ja, 4 Nein“."),
        max_length=200,
        required=False,
    )


class GoBackForm(StepForm):
    reason = _reason(_("Warum?"), _("Der Grund bleibt im Verlauf stehen."))


class CorrectForm(StepForm):
    reason = _reason(
        _("Was wird berichtigt?"), _("Steht in der neuen Ausgabe. Die bisherige bleibt unter ihrer Adresse lesbar.")
    )


class StatementForm(forms.Form):
    """A working group's word on the report."""

    position = forms.ChoiceField(
        label=_("Ihre Arbeitsgruppe"), choices=GroupStatement.Position.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Text"),
        help_text=_("Steht wörtlich im Bericht. Nötig bei Anmerkungen und Widerspruch."),
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    tasks = forms.CharField(
        label=_("Aufgaben für das nächste Jahr"),
        help_text=_("Freiwillig. Was sich Ihre Arbeitsgruppe vornimmt, steht im Bericht im Abschnitt „Ausblick“."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    decided_on = _day(_("Beschlossen am"))


class TextForm(forms.Form):
    """A text of the report, with the version it was written on the basis of."""

    text = forms.CharField(
        label=_("Text"),
        max_length=ReportText._meta.get_field("text").max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
