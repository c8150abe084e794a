"""What people type when a conference gives a task."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dialog.forms.minutes import date_input
from dialog.models import Body, Person
from dialog.services import assignments


class ConferenceTaskForm(forms.Form):
    """Which body does what by when, and who of it."""

    title = forms.CharField(label=_("Was ist zu tun"), max_length=200)
    body = forms.ModelChoiceField(
        label=_("Gremium"),
        help_text=_("Der Auftrag steht auf jeder Tagesordnung dieses Gremiums, bis er erledigt ist."),
        queryset=Body.objects.none(),
        empty_label=_("Bitte wählen Sie"),
    )
    assignee = forms.ModelChoiceField(
        label=_("Wer"),
        help_text=_("Ein Mitglied des Gremiums oder jemand aus der Planungsgruppe."),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("noch offen"),
    )
    due_on = forms.DateField(label=_("Bis wann"), required=False, widget=date_input())

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.visible_to(user).at_work()
        body = cast(forms.ModelChoiceField, self.fields["body"])
        body.queryset = bodies
        body.label_from_instance = lambda row: row.full_name  # type: ignore[assignment, method-assign]
        assignee = cast(forms.ModelChoiceField, self.fields["assignee"])
        assignee.queryset = assignments.able(*bodies).order_by("name")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        body, assignee = values.get("body"), values.get("assignee")
        if body and assignee and not assignments.able(body).filter(pk=assignee.pk).exists():
            raise ValidationError({"assignee": _("%(name)s gehört nicht zu diesem Gremium.") % {"name": assignee.name}})
        return values
