"""What is kept under the stamp of the data is read again after each commit, whoever wrote."""

import threading

import pytest
from django.db import connection, transaction

from dialog import stamp
from dialog.models import District
from tests.factories import DistrictFactory


def names() -> list[str]:
    return stamp.kept("names of districts", lambda: list(District.objects.values_list("name", flat=True)))


def elsewhere(work) -> None:
    """Does something on a connection of its own."""

    def run() -> None:
        work()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_follows_every_write():
    district = DistrictFactory(name="Gahmen")
    assert names() == ["Gahmen"]
    same = names()
    assert names() is same
    District.objects.filter(pk=district.pk).update(name="Brambauer")
    assert names() == ["Brambauer"]
    elsewhere(lambda: District.objects.update(name="Wethmar"))
    assert names() == ["Wethmar"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dialog_district SET name = 'Horstmar'")
    assert names() == ["Horstmar"]


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_was_never_kept():
    DistrictFactory(name="Gahmen")
    assert names() == ["Gahmen"]
    with transaction.atomic():
        District.objects.update(name="Nirgendwo")
        assert names() == ["Nirgendwo"]
        transaction.set_rollback(True)
    assert names() == ["Gahmen"]


@pytest.mark.django_db(transaction=True)
def test_a_commit_in_the_middle_of_reading_is_seen_by_the_next_reader():
    DistrictFactory(name="Gahmen")

    def slow() -> list[str]:
        read = list(District.objects.values_list("name", flat=True))
        elsewhere(lambda: District.objects.update(name="Wethmar"))
        return read

    assert stamp.kept("slow", slow) == ["Gahmen"]
    assert stamp.kept("slow", slow) == ["Wethmar"]


@pytest.mark.django_db(transaction=True)
def test_each_connection_counts_for_itself():
    DistrictFactory(name="Gahmen")
    seen = [stamp.of_data()]
    elsewhere(lambda: seen.append(stamp.of_data()))
    connection.close()
    seen.append(stamp.of_data())
    District.objects.update(name="Wethmar")
    seen.append(stamp.of_data())
    assert None not in seen
    if connection.vendor == "sqlite":
        assert len(set(seen)) == 4
