"""How `{{ form }}` looks everywhere: KERN's classes, errors tied to their fields."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Draws forms and fields with the portal's templates; widgets stay Django's."""

    form_template_name = "partials/form.html"
    field_template_name = "partials/field.html"
