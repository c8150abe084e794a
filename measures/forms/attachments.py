from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from dialog.services import documents
from measures.models import Attachment


class AttachmentForm(forms.Form):
    """A document or picture of a measure, to be uploaded."""

    title = forms.CharField(label=_("Titel"), max_length=160)
    file = forms.FileField(label=_("Datei"), help_text=_("PDF, Bild (PNG, JPEG, WebP), Word, Excel oder OpenDocument"))
    alternative = forms.CharField(
        label=Attachment._meta.get_field("alternative").verbose_name,
        help_text=Attachment._meta.get_field("alternative").help_text,
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    credit = forms.CharField(
        label=Attachment._meta.get_field("credit").verbose_name,
        help_text=_("Bei Bildern: wer fotografiert oder gezeichnet hat."),
        max_length=120,
        required=False,
    )

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        documents.check(upload)
        return upload

    def values(self) -> dict[str, Any]:
        """What the service takes, the file under the name it has there."""
        return {("upload" if name == "file" else name): value for name, value in self.cleaned_data.items()}
