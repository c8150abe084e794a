import datetime as dt
from typing import Any, cast

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dialog.models import AgendaItem, Body, Meeting, StandingItem
from dialog.models.attendance import Invited
from dialog.services import agenda, documents

from .filters import ListFilter


class MeetingFilter(ListFilter):
    """Narrows down meetings, of which `queryset` holds those the reader may see."""

    gremium = django_filters.ChoiceFilter(label=_("Gremium"), field_name="body__slug", empty_label=_("alle Gremien"))
    jahr = django_filters.ChoiceFilter(
        label=_("Jahr"), field_name="starts_at", lookup_expr="year", empty_label=_("alle Jahre")
    )

    class Meta:
        model = Meeting
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meeting = Body.objects.filter(meetings__in=self.queryset).distinct()
        years = self.queryset.order_by().datetimes("starts_at", "year", order="DESC")
        self.filters["gremium"].extra["choices"] = [(body.slug, body.full_name) for body in meeting]
        self.filters["jahr"].extra["choices"] = [(str(day.year), str(day.year)) for day in years]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class MeetingForm(forms.Form):
    """What is planned: day and times are those of a clock in Lünen."""

    title = forms.CharField(
        label=_("Titel"),
        help_text=_("Leer: Die Sitzung heißt wie das Gremium."),
        max_length=160,
        required=False,
    )
    day = forms.DateField(label=_("Tag"), widget=DayInput)
    begins = forms.TimeField(label=_("Beginn"), widget=ClockInput)
    ends = forms.TimeField(label=_("Ende"), widget=ClockInput)
    place = forms.CharField(label=_("Ort"), max_length=160, required=False)
    room = forms.CharField(label=_("Raum"), max_length=80, required=False)
    address = forms.CharField(label=_("Anschrift"), max_length=200, required=False)
    access_notes = forms.CharField(
        label=_("Hinweise zur Barrierefreiheit"),
        help_text=_("zum Beispiel Aufzug, Rampe, Induktionsschleife"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    video_url = forms.URLField(
        label=_("Link zur Videokonferenz"),
        help_text=_("Nur die Eingeladenen sehen ihn."),
        max_length=300,
        required=False,
        assume_scheme="https",
    )
    interpreting = forms.BooleanField(label=_("Sprachmittlung auf Wunsch"), required=False)
    childcare = forms.BooleanField(label=_("Kinderbetreuung auf Wunsch"), required=False)
    is_public = forms.BooleanField(
        label=_("Öffentliche Sitzung"),
        help_text=_("Termin und öffentliche Tagesordnungspunkte stehen im Kalender; alle dürfen kommen."),
        required=False,
    )

    @staticmethod
    def initial_of(meeting: Meeting) -> dict[str, Any]:
        """What the form shows of a meeting."""
        start, end = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
        return {
            **{name: getattr(meeting, name) for name in MeetingForm.base_fields if hasattr(meeting, name)},
            "day": start.date(),
            "begins": start.time(),
            "ends": end.time(),
        }

    def clean(self) -> dict[str, Any]:
        """Adds `starts_at` and `ends_at`; hours that the clocks skip or repeat are refused."""
        data = super().clean() or {}
        day = data.pop("day", None)
        for name, attribute in (("begins", "starts_at"), ("ends", "ends_at")):
            clock = data.pop(name, None)
            if day and clock is not None:
                try:
                    data[attribute] = from_current_timezone(dt.datetime.combine(day, clock))
                except ValidationError:
                    self.add_error(
                        name,
                        _("Diese Uhrzeit gibt es an diesem Tag nicht oder zweimal, weil die Uhren umgestellt werden."),
                    )
        if "starts_at" in data and "ends_at" in data and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends", _("Das Ende muss nach dem Beginn liegen."))
        return data


class MeetingChangeForm(MeetingForm):
    """Changing what is planned; `seen` is the revision that the editor had before them."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class NewMeetingForm(MeetingForm):
    """A new meeting, or a series of them."""

    body = forms.ModelChoiceField(label=_("Gremium"), queryset=Body.objects.none())
    every = forms.TypedChoiceField(
        label=_("Wiederholen"),
        help_text=_("Immer am gleichen Wochentag des Monats, zum Beispiel am ersten Dienstag."),
        choices=[
            (0, _("nicht wiederholen")),
            (1, _("jeden Monat")),
            (2, _("alle zwei Monate")),
            (3, _("vierteljährlich")),
            (6, _("halbjährlich")),
            (12, _("jährlich")),
        ],
        coerce=int,
        required=False,
    )
    count = forms.IntegerField(
        label=_("Anzahl der Sitzungen"),
        help_text=_("Nur bei einer Wiederholung; die erste zählt mit."),
        min_value=1,
        max_value=24,
        required=False,
    )

    field_order = ["body"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["body"]).queryset = Body.objects.at_work().run_by(user)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("every") and not data.get("count"):
            self.add_error("count", _("Bitte geben Sie an, wie viele Sitzungen es werden sollen."))
        return data


class CancelForm(forms.Form):
    """Why a meeting is called off."""

    reason = forms.CharField(
        label=_("Grund"),
        help_text=_("Die Eingeladenen lesen diesen Text in ihrer Nachricht; er steht auch auf der Seite der Sitzung."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AgendaItemForm(forms.ModelForm):
    """One item of an agenda."""

    about = forms.ChoiceField(label=_("Worum es geht"), required=False)

    class Meta:
        model = AgendaItem
        fields = ["title", "kind", "duration", "presenter", "text", "is_public"]
        widgets = {"text": forms.Textarea(attrs={"rows": 4}), "duration": forms.NumberInput(attrs={"min": 1})}
        labels = {"is_public": _("Öffentlich beraten")}
        help_texts = {
            "presenter": _("Steht in der Einladung, nicht öffentlich."),
            "text": _("Öffentlich wie der Punkt selbst."),
            "is_public": _("Ohne Haken sehen den Punkt nur die Mitglieder des Gremiums."),
        }

    def __init__(self, *args: Any, meeting: Meeting, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        field = cast(forms.ChoiceField, self.fields["about"])
        item = self.instance if self.instance.pk else None
        field.choices = [("", _("nichts Bestimmtes")), *agenda.subject_choices(meeting, user, item)]
        if item:
            self.initial["about"] = agenda.subject_key(self.instance)

    def clean_about(self) -> Any:
        return agenda.subject_of(self.cleaned_data["about"], self.user)


class ItemDocumentForm(forms.Form):
    """A paper for an item of the agenda."""

    title = forms.CharField(label=_("Titel der Unterlage"), max_length=160)
    file = forms.FileField(label=_("Datei"), help_text=_("PDF, Bild, Word, Excel oder OpenDocument"))
    is_public = forms.BooleanField(
        label=_("Öffentlich"),
        help_text=_("Ohne Haken sehen die Unterlage nur die Mitglieder des Gremiums."),
        required=False,
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        documents.check(upload)
        return upload


class GuestForm(forms.Form):
    """A guest of one meeting."""

    name = forms.CharField(label=_("Name"), max_length=120)
    organization = forms.CharField(label=_("Institution"), max_length=120, required=False)
    email = forms.EmailField(
        label=_("E-Mail-Adresse"), help_text=_("Nur nötig, wenn der Gast eine Einladung bekommen soll."), required=False
    )


class AnswerForm(forms.Form):
    """Whether somebody comes."""

    answer = forms.ChoiceField(
        label=_("Nehmen Sie teil?"),
        choices=[
            (Invited.Answer.YES, _("Ja, ich nehme teil")),
            (Invited.Answer.NO, _("Nein, ich bin verhindert")),
            (Invited.Answer.DEPUTY, _("Ich schicke eine Vertretung")),
        ],
        widget=forms.RadioSelect,
    )
    deputy = forms.CharField(label=_("Wer kommt für Sie?"), max_length=120, required=False)
    excuse = forms.CharField(
        label=_("Nachricht"),
        help_text=_("Freiwillig, zum Beispiel der Grund. Das liest die Planungsgruppe."),
        max_length=500,
        required=False,
    )


class MeetingRulesForm(forms.ModelForm):
    """How long before a meeting a body is invited, and from when on it can decide."""

    class Meta:
        model = Body
        fields = ["invitation_days", "quorum_percent"]
        help_texts = {"invitation_days": _("So viele Tage vor der Sitzung soll die Einladung spätestens da sein.")}


class AdmissionForm(forms.ModelForm):
    """Whether a working group takes new members, and why not."""

    class Meta:
        model = Body
        fields = ["is_open", "closed_reason"]
        labels = {"closed_reason": _("Wenn nicht: warum?")}
        widgets = {"closed_reason": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"closed_reason": _("Das steht auf der Seite der Gruppe, wenn sie niemanden aufnimmt.")}


class StandingItemForm(forms.ModelForm):
    class Meta:
        model = StandingItem
        fields = ["place", "title", "kind", "duration", "is_public"]


StandingItemFormSet = forms.formset_factory(
    StandingItemForm, extra=2, can_delete=True, max_num=20, absolute_max=40, validate_max=True
)


class MonthForm(forms.Form):
    """Which month of the calendar, and of which body; nonsense in the address means the present month and all."""

    monat = forms.RegexField(r"^(19|20)\d\d-(0[1-9]|1[0-2])$", required=False, widget=forms.HiddenInput)
    gremium = forms.ChoiceField(label=_("Gremium"), required=False)

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.filter(meetings__in=meetings).distinct()
        cast(forms.ChoiceField, self.fields["gremium"]).choices = [
            ("", _("alle Gremien")),
            *((body.slug, body.full_name) for body in bodies),
        ]

    @property
    def month(self) -> dt.date | None:
        """The first day of the month that was asked for."""
        chosen = self.cleaned_data.get("monat")
        return dt.date.fromisoformat(f"{chosen}-01") if chosen else None
