from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialog.forms.at_once import SeesOthers
from dialog.models import Organization, Person, Recommendation
from measures.models import Measure, ResolutionPoint

from .money import EuroField
from .resolutions import day_input


class MeasureForm(SeesOthers, forms.ModelForm):
    """What is said of a measure beside its news; the service checks and saves it."""

    class Meta:
        model = Measure
        fields = (
            *("title", "kind", "summary", "description", "reason", "audience", "field", "goal", "strands", "districts"),
            *("place", "latitude", "longitude"),
            *("lead", "contacts", "partners", "interval"),
            *("recommended_by", "decided_in", "decided_by", "guidelines"),
            *("starts_on", "ends_on", "date_precision", "funding", "budget", "spent", "money_public"),
        )
        field_classes = {"budget": EuroField, "spent": EuroField}
        widgets = {
            "budget": forms.TextInput,
            "spent": forms.TextInput,
            "description": forms.Textarea(attrs={"rows": 6}),
            "reason": forms.Textarea(attrs={"rows": 3}),
            "audience": forms.Textarea(attrs={"rows": 2}),
            "strands": forms.CheckboxSelectMultiple,
            "districts": forms.CheckboxSelectMultiple,
            "starts_on": day_input(),
            "ends_on": day_input(),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("lead", Organization.objects.visible_to(user)),
            ("partners", Organization.objects.visible_to(user)),
            ("contacts", Person.objects.visible_to(user).present()),
            ("recommended_by", Recommendation.objects.visible_to(user)),
            ("decided_in", ResolutionPoint.objects.visible_to(user).select_related("resolution")),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The service checks the row and saves it; the form only reads."""


class DecideForm(forms.Form):
    """Who decided, where it was not the council."""

    decided_by = forms.CharField(
        label=_("Entschieden durch"),
        help_text=_("Leer lassen, wenn ein Ratsbeschluss bei den Angaben steht."),
        max_length=160,
        required=False,
    )


class StopForm(forms.Form):
    """Why a measure is stopped."""

    reason = forms.CharField(
        label=_("Warum wird sie eingestellt?"),
        help_text=_("Alle können das lesen."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class MergeForm(forms.Form):
    """Which other measure goes on."""

    into = forms.ModelChoiceField(label=_("Geht auf in"), queryset=Measure.objects.none())

    def __init__(self, *args: Any, measure: Measure, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Measure.objects.visible_to(user).exclude(pk=measure.pk).exclude(state=Measure.State.MERGED)
        self.fields["into"].queryset = others.order_by("number")  # type: ignore[attr-defined]
