from django.db import transaction
from django.db.models import F

from dialog.models import NumberSeries


def give(prefix: str, year: int) -> str:
    """The next public number of a series, such as `M-2009-012`; never the same one twice.

    Call it in the transaction that saves the row: a number whose row was rolled back is given again.
    """
    with transaction.atomic():
        series, _created = NumberSeries.objects.get_or_create(prefix=prefix, year=year)
        # The update locks the series until the transaction ends, so that the value read is ours alone.
        NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
        series.refresh_from_db()
        return f"{prefix}-{year}-{series.last:03}"
