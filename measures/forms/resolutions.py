from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialog.forms.at_once import SeesOthers
from dialog.models import Person
from dialog.models.base import plausible_day
from measures.models import Resolution, ResolutionPoint


def day_input() -> forms.DateInput:
    """A day, as browsers ask for it."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ResolutionForm(SeesOthers, forms.ModelForm):
    """What the council resolved, without its points."""

    class Meta:
        model = Resolution
        fields = ("title", "adopted_on", "paper_number", "vote", "summary", "process")
        widgets = {"adopted_on": day_input(), "summary": forms.Textarea(attrs={"rows": 4})}

    def _post_clean(self) -> None:
        """The service checks the row and saves it; the form only reads."""


class PointForm(SeesOthers, forms.ModelForm):
    """One point: what is to be done, by whom, until when."""

    contacts = forms.ModelMultipleChoiceField(
        label=_("Ansprechpersonen der zuständigen Stelle"),
        help_text=_("dürfen den Stand dieses Punktes melden"),
        queryset=Person.objects.none(),
        required=False,
    )

    class Meta:
        model = ResolutionPoint
        fields = ("position", "title", "text", "addressee", "together_with", "responsible", "contacts", "due_on")
        widgets = {"due_on": day_input(), "text": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contacts"].queryset = Person.objects.visible_to(user).present()  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The service checks the row and saves it; the form only reads."""


class PointStateForm(SeesOthers, forms.Form):
    """How a point stands, as its responsible office says."""

    state = forms.ChoiceField(label=_("Stand"), choices=ResolutionPoint.State.choices)
    note = forms.CharField(
        label=_("Was ist geschehen?"),
        help_text=_("Beim Abschluss: was erreicht wurde."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    next_review_on = forms.DateField(
        label=_("Nächster Termin"),
        help_text=_("Nur bei „laufend“: wann das nächste Mal berichtet wird."),
        required=False,
        validators=[plausible_day],
        widget=day_input(),
    )
    late_reason = forms.CharField(
        label=_("Warum wird es später?"),
        help_text=_("Nur wenn der Termin vorbei ist."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
