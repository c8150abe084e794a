import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ReportForm(forms.Form):
    """For which year a report is to be made."""

    year = forms.IntegerField(label=_("Berichtsjahr"), min_value=1)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = today.year
