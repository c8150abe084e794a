"""The example's dates are relative to the day of loading, and hold on days on which months and years turn."""

import datetime as dt

import pytest
from django.utils import timezone

from conferences.models import Conference
from dialog.models import Meeting
from luener_dialog.demo import example, record
from measures.models import CouncilReport

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("day", [dt.date(2027, 1, 1), dt.date(2028, 2, 29)])
def test_it_can_be_loaded_on_any_day(day: dt.date) -> None:
    now = timezone.make_aware(dt.datetime.combine(day, dt.time(0, 30)))
    record.load(now=now)

    example.load(now=now)

    *_earlier, last, this, coming = Conference.objects.filter(is_example=True).order_by("date")
    assert this.date.year - last.date.year == coming.date.year - this.date.year == 1
    assert coming.date > day > this.date
    assert Meeting.objects.coming(now).count() == 12
    assert list(CouncilReport.objects.order_by("year").values_list("year", "state")) == [
        (day.year - 1, "handed_over"),
        (day.year, "consultation"),
    ]
