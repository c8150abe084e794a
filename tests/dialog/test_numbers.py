import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from dialog.models import NumberSeries
from dialog.services import numbers
from tests.factories import MeasureFactory


def test_numbers_run_within_series_and_year(db):
    assert [numbers.give("M", 2009), numbers.give("M", 2009), numbers.give("M", 2010), numbers.give("E", 2009)] == [
        "M-2009-001",
        "M-2009-002",
        "M-2010-001",
        "E-2009-001",
    ]


def test_a_number_never_changes(db):
    measure = MeasureFactory()
    measure.number = "M-1999-999"
    with pytest.raises(ValidationError):
        measure.save()


def test_a_number_of_an_undone_transaction_is_given_again(db):
    with pytest.raises(RuntimeError), transaction.atomic():
        assert numbers.give("M", 2009) == "M-2009-001"
        raise RuntimeError
    assert numbers.give("M", 2009) == "M-2009-001"


@pytest.mark.django_db(transaction=True)
def test_no_number_is_given_twice_at_the_same_moment():
    given: list[str] = []

    def take() -> None:
        try:
            for _ in range(5):
                given.append(numbers.give("M", 2009))
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(given) == [f"M-2009-{number:03}" for number in range(1, 21)]
    assert NumberSeries.objects.get().last == 20
