from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from measures.models import TableImport


class TableForm(forms.Form):
    """A table to be checked."""

    kind = forms.ChoiceField(label=gettext_lazy("Was steht in der Datei?"), choices=TableImport.Kind.choices)
    file = forms.FileField(
        label=gettext_lazy("Datei"),
        help_text=gettext_lazy("CSV oder XLSX mit den Spalten der Vorlage, höchstens 50.000 Zeilen."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_MB * 1024 * 1024:
            raise ValidationError(
                _("Die Datei ist zu groß: höchstens %(limit)d MB sind möglich.") % {"limit": settings.UPLOAD_MAX_MB}
            )
        return file
