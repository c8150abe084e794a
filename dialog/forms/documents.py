from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from dialog.models import Body, Meeting
from dialog.services import documents


class MeetingChoice(forms.ModelChoiceField):
    def label_from_instance(self, meeting: Any) -> str:
        return f"{meeting.starts_at:%d.%m.%Y} · {meeting.body.full_name}"


class DocumentForm(forms.Form):
    """A paper of a body, to be uploaded."""

    title = forms.CharField(label=_("Titel"), max_length=160)
    body = forms.ModelChoiceField(label=_("Gremium"), queryset=Body.objects.none())
    meeting = MeetingChoice(
        label=_("Gehört zu einer Sitzung"),
        queryset=Meeting.objects.none(),
        required=False,
        empty_label=_("keiner bestimmten"),
    )
    file = forms.FileField(label=_("Datei"), help_text=_("PDF, Bild, Word, Excel oder OpenDocument"))
    is_public = forms.BooleanField(
        label=_("Öffentlich"),
        help_text=_("Ohne Haken sehen das Dokument nur die Mitglieder des Gremiums."),
        required=False,
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.at_work().run_by(user)
        cast(forms.ModelChoiceField, self.fields["body"]).queryset = bodies
        cast(forms.ModelChoiceField, self.fields["meeting"]).queryset = (
            Meeting.objects.visible_to(user).filter(body__in=bodies).select_related("body")
        )

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        documents.check(upload)
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        meeting, body = data.get("meeting"), data.get("body")
        if meeting and body and meeting.body_id != body.pk:
            self.add_error("meeting", _("Diese Sitzung gehört zu einem anderen Gremium."))
        return data
