from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from measures.templatetags.money import euro


class EuroField(forms.DecimalField):
    """An amount as people write it in German: “1.250.000,50 €”; also “1250000.5”, as tables have it."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_digits": 14, "decimal_places": 2, **kwargs})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal"}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "".join(value.replace("€", "").split())
            if "," in value:
                value = value.replace(".", "").replace(",", ".")
            elif value.count(".") > 1 or len(value.rpartition(".")[2]) == 3:
                # A point before three digits groups thousands; nobody writes tenths of a cent.
                value = value.replace(".", "")
            if value and not value.replace(".", "", 1).lstrip("-").isdecimal():
                raise ValidationError(
                    _("Bitte geben Sie einen Betrag in Euro ein, zum Beispiel 12.500 oder 12.500,50.")
                )
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return euro(value).removesuffix("\N{NO-BREAK SPACE}€") if isinstance(value, Decimal) else value
