"""Money as German readers write it."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def euro(amount: Decimal | None) -> str:
    """“1.250.000 €”, with cents only if there are some; empty for None."""
    if amount is None:
        return ""
    whole = amount == amount.to_integral_value()
    written = f"{amount:,.0f}" if whole else f"{amount:,.2f}"
    return written.translate(str.maketrans(",.", ".,")) + "\N{NO-BREAK SPACE}€"
