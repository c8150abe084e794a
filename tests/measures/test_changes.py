"""What was changed of a measure, as everyone may read it; its money; its milestones."""

import datetime as dt
from decimal import Decimal

import pytest

from measures.models import Measure, MeasureMilestone
from measures.services import measures, progress
from measures.templatetags.money import euro
from tests.factories import MeasureFactory, MeasureMilestoneFactory, OrganizationFactory, berlin

pytestmark = pytest.mark.django_db
NOW = berlin(2026, 11, 23)


def read(client, measure):
    content = client.get(f"/massnahmen/{measure.number}/aenderungen/").content.decode()
    return " ".join(content.split())


@pytest.fixture
def changed(measure, planner, lead_contact):
    other = OrganizationFactory(name="Wirtschaftsförderung")
    measures.change(
        measure, by=planner, at=berlin(2027, 3, 9), lead=other, ends_on=dt.date(2027, 5, 1), budget=Decimal("1250000")
    )
    progress.publish(
        measure, by=lead_contact, on=dt.date(2027, 4, 1), at=berlin(2027, 4, 1),
        text="Es geht voran.", status="in_progress", progress=55,
    )  # fmt: skip
    return measure


def test_old_and_new_are_read_with_day_and_part(client, changed):
    content = read(client, changed)
    for words in ("9. März 2027", "Planungsgruppe", "Wirtschaftsförderung", "1. Mai 2027", "1. April 2027"):
        assert words in content
    assert "40 %</del>" in content
    assert "55 %</ins>" in content
    assert "Federführung</span>" in content
    assert "Paula" not in content
    assert "Kim" not in content


def test_money_stays_inside_until_it_is_public(client, client_of, planner, lead_contact, changed):
    address = changed.get_absolute_url()
    assert "1.250.000" not in read(client, changed)
    assert "1.250.000" not in client.get(address).content.decode()
    assert "1.250.000" in read(client_of(planner), changed)
    assert "(nicht öffentlich)" in client_of(lead_contact).get(address).content.decode()
    Measure.objects.filter(pk=changed.pk).update(money_public=True)
    assert "1.250.000\xa0€" in client.get(address).content.decode()
    assert "1.250.000 €</ins>" in read(client, changed)


def test_what_was_before_the_decision_stays_inside(client, client_of, planner):
    measure = measures.create(
        by=planner, at=berlin(2026, 1, 5), title="Geheimer Titel", summary="Kurz.",
        field=MeasureFactory().field, lead=OrganizationFactory(),
    )  # fmt: skip
    assert client.get(f"/massnahmen/{measure.number}/aenderungen/").status_code == 404
    measures.change(measure, by=planner, at=berlin(2026, 1, 6), title="Öffentlicher Titel")
    measures.decide(measure, by=planner, at=berlin(2026, 1, 7), decided_by="Vorstand")
    assert "Geheimer Titel" not in read(client, measure)
    assert "Geheimer Titel" in read(client_of(planner), measure)


def test_thirty_changes_take_no_more_queries_than_one(changed, planner, queries):
    address = f"/massnahmen/{changed.number}/aenderungen/"
    few = queries(address)
    for n in range(30):
        lead = OrganizationFactory()
        measures.change(changed, by=planner, at=berlin(2027, 5, n + 1), lead=lead)
    assert queries(address) == few <= 12


@pytest.mark.parametrize(
    ("amount", "words"),
    [("1250000", "1.250.000\xa0€"), ("1250000.00", "1.250.000\xa0€"), ("0.5", "0,50\xa0€"), ("12.34", "12,34\xa0€")],
)
def test_euro(amount, words):
    assert euro(Decimal(amount)) == words


# ── milestones ──────────────────────────────────────────────────────────────────────────────────────────


def page(measure, *more):
    return "/".join([f"/arbeitsbereich/massnahmen/{measure.number}/meilensteine", *map(str, more), ""])


def test_the_lead_plans_moves_and_strikes_milestones(client, client_of, lead_contact, measure):
    inside = client_of(lead_contact)
    inside.post(page(measure), {"name": "Anbau", "due_on": "2027-05-01", "date_precision": "month"})
    row = MeasureMilestone.objects.get()
    assert "Nächster Schritt: Anbau, Mai 2027" in client.get(measure.get_absolute_url()).content.decode()
    inside.post(page(measure, row.pk), {"name": "Anbau", "due_on": "2027-08-01", "date_precision": "month"})
    assert "Anbau, August 2027" in client.get(measure.get_absolute_url()).content.decode()
    inside.post(page(measure, row.pk), {"remove": "1"})
    assert not MeasureMilestone.objects.exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"due_on": "0209-05-01"}, "Das Jahr 0209 kann nicht stimmen"),
        ({"done_on": "2999-01-01"}, "2999"),
        ({"name": ""}, "erforderlich"),
        ({"due_on": "32.13.2020"}, "gültiges Datum"),
    ],
)
def test_a_wrong_milestone_is_refused_in_words(client_of, lead_contact, measure, typed, words):
    values = {"name": "Anbau", "due_on": "", "date_precision": "month", "done_on": "", **typed}
    assert words in client_of(lead_contact).post(page(measure), values).content.decode()
    assert not MeasureMilestone.objects.exists()


def test_of_another_measure_nothing_is_changed(client_of, lead_contact, measure):
    other = MeasureMilestoneFactory()
    assert client_of(lead_contact).get(page(measure, other.pk)).status_code == 404
    assert client_of(lead_contact).post(page(other.measure, other.pk), {"remove": "1"}).status_code == 403
    assert MeasureMilestone.objects.get() == other
