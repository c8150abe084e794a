from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dialog.forms.at_once import SeesOthers
from dialog.models import AgendaItem, Body, Organization, Recommendation


class RecommendationForm(SeesOthers, forms.ModelForm):
    """Wording and addressees of a recommendation; the service checks and saves it."""

    bodies = forms.ModelMultipleChoiceField(label=_("An diese Gremien"), queryset=Body.objects.none(), required=False)
    organizations = forms.ModelMultipleChoiceField(
        label=_("An diese Institutionen"), queryset=Organization.objects.none(), required=False
    )

    class Meta:
        model = Recommendation
        fields = ("title", "wording", "body", "agenda_item", "field", "strands", "date", "date_precision", "outcome")
        widgets = {
            "wording": forms.Textarea(attrs={"rows": 6}),
            "outcome": forms.Textarea(attrs={"rows": 4}),
            "date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "strands": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Body.objects.visible_to(user)
        items = AgendaItem.objects.visible_to(user).select_related("meeting__body").order_by("-meeting__starts_at")
        for name, rows in (
            ("body", visible),
            ("bodies", visible),
            ("organizations", Organization.objects.visible_to(user)),
            ("agenda_item", items),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["bodies"].initial = [row.body_id for row in self.instance.addressees.all() if row.body_id]
            self.fields["organizations"].initial = [
                row.organization_id for row in self.instance.addressees.all() if row.organization_id
            ]
        else:
            del self.fields["outcome"]

    def _post_clean(self) -> None:
        """The service checks the row and saves it; the form only reads."""


class StepForm(forms.Form):
    """The reason of a step that needs one."""

    reason = forms.CharField(
        label=_("Begründung"),
        help_text=_("Nötig bei „nicht annehmen“ und „nicht weiterverfolgen“; alle können sie lesen."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
