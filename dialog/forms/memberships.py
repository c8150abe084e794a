from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dialog.models import Organization


class JoinForm(forms.Form):
    """A citizen's request to join a body."""

    message = forms.CharField(
        label=_("Was möchten Sie uns sagen?"),
        help_text=_("Freiwillig: was Sie bewegt, was Sie mitbringen. Das lesen die Leitung und die Planungsgruppe."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    organization = forms.ModelChoiceField(
        label=_("Sprechen Sie für eine Institution?"),
        help_text=_("Freiwillig. Wenn Ihre Institution fehlt, nennen Sie sie in der Nachricht."),
        queryset=Organization.objects.none(),
        required=False,
        empty_label=_("Nein, ich komme als Bürgerin oder Bürger"),
    )
    name_public = forms.BooleanField(
        label=_("Mein Name darf öffentlich auf der Seite der Gruppe stehen"),
        help_text=_("Ohne Ihre Zustimmung sehen ihn nur die Mitglieder. Sie können das später ändern."),
        required=False,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization = cast(forms.ModelChoiceField, self.fields["organization"])
        organization.queryset = Organization.objects.visible_to(user)


class ReasonForm(forms.Form):
    """A step that somebody else will ask the reason of."""

    reason = forms.CharField(
        label=_("Begründung"),
        help_text=_("Die betroffene Person liest diesen Text in ihrer Nachricht."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
