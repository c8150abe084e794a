from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dialog.models import GroupMail, MailPreference, Organization, Person


class PersonForm(forms.ModelForm):
    """What the planning group keeps about somebody; whoever has an account changes the address there."""

    class Meta:
        model = Person
        fields = ("name", "email", "office", "office_public")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.user_id:
            del self.fields["email"]


class OrganizationForm(forms.ModelForm):
    """An institution that is not in the list yet."""

    website = forms.URLField(label=_("Internetseite"), required=False, max_length=200, assume_scheme="https")

    class Meta:
        model = Organization
        fields = ("name", "kind", "phone", "public_email", "website")


class SignatureForm(forms.Form):
    """An institution asks to join a declaration."""

    organization = forms.ModelChoiceField(
        label=_("Für welche Institution sprechen Sie?"),
        queryset=Organization.objects.none(),
        empty_label=_("Bitte wählen Sie"),
    )
    message = forms.CharField(
        label=_("Was möchten Sie uns sagen?"),
        help_text=_("Zum Beispiel: welches Amt Sie in der Institution haben und wen wir dort fragen können."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["organization"]).queryset = Organization.objects.visible_to(user)


class PublishSignatureForm(forms.Form):
    """Since when an institution stands under a declaration."""

    on = forms.DateField(label=_("Beigetreten am"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": timezone.localdate()}
        super().__init__(*args, **kwargs)


class PreferencesForm(forms.Form):
    """How often somebody wants mails, by category."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for category, label in MailPreference.Category.choices:
            # Not required: there is always one chosen, and whoever sends less keeps what they had.
            self.fields[category] = forms.ChoiceField(
                label=label, choices=MailPreference.Rhythm.choices, required=False
            )

    @property
    def wishes(self) -> dict[str, str]:
        """Category → rhythm, of those that were chosen."""
        return {category: rhythm for category, rhythm in self.cleaned_data.items() if rhythm}


class UploadForm(forms.Form):
    """A list of members as CSV or XLSX."""

    file = forms.FileField(
        label=_("Datei (CSV oder XLSX)"),
        help_text=_("Am einfachsten: die Liste herunterladen, ändern und wieder hochladen. Höchstens 10.000 Zeilen."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class GroupMailForm(forms.ModelForm):
    """A mail to the members of a body."""

    class Meta:
        model = GroupMail
        fields = ("subject", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 12})}

    def clean_subject(self) -> str:
        """On one line: a mail's subject has no breaks."""
        return " ".join(self.cleaned_data["subject"].split())
