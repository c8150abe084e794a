"""How `{{ form }}` looks everywhere: KERN's classes, errors tied to their fields."""

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Draws forms and fields with the portal's templates; widgets stay Django's."""

    form_template_name = "partials/form.html"
    field_template_name = "partials/field.html"


def add_errors(form: BaseForm, error: ValidationError) -> None:
    """Shows what a service refused: beside the field it names, or above the form where there is no such field."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
