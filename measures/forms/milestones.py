from django import forms

from dialog.forms.at_once import SeesOthers
from measures.models import MeasureMilestone

from .resolutions import day_input


class MilestoneForm(SeesOthers, forms.ModelForm):
    """A milestone: what, by when, and when it was reached; the service checks and saves it."""

    class Meta:
        model = MeasureMilestone
        fields = ("name", "due_on", "date_precision", "done_on")
        widgets = {"due_on": day_input(), "done_on": day_input()}

    def _post_clean(self) -> None:
        """The service checks the row and saves it; the form only reads."""
