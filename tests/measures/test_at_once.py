"""Two people at one form: the second one sees both texts and loses nothing. And amounts, as people write them."""

import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from django.core.exceptions import ValidationError

from measures.forms.money import EuroField
from measures.models import Measure
from tests.factories import (
    AddresseeFactory,
    MeasureMilestoneFactory,
    OrganizationFactory,
    RecommendationFactory,
    ResolutionPointFactory,
    StrandFactory,
)

pytestmark = pytest.mark.django_db


def typed(content):
    """What a browser would send back of the form with which a measure is changed."""
    form = max(re.findall(r"<form.*?</form>", content, re.S), key=len)
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes.get("type") in {"checkbox", "radio"} and " checked" not in tag:
            continue
        absent = "on" if attributes.get("type") == "checkbox" else ""
        values.setdefault(attributes.get("name", ""), []).append(unescape(attributes.get("value", absent)))
    for name, text in re.findall(r'<textarea name="(\w+)".*?>(.*?)</textarea>', form, re.S):
        values[name] = [unescape(text).removeprefix("\r\n").removeprefix("\n")]
    for name, options in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', form, re.S):
        values[name] = [unescape(value) for value in re.findall(r'<option value="([^"]*)" selected', options)]
    return values


@pytest.fixture
def address(measure):
    measure.strands.add(StrandFactory())
    return f"/arbeitsbereich/massnahmen/{measure.number}/angaben/"


def test_what_only_the_other_changed_stays_changed(client_of, planner, operator, measure, address):
    first, second = client_of(planner), client_of(operator)
    mine, theirs = typed(first.get(address).content.decode()), typed(second.get(address).content.decode())
    partner = OrganizationFactory(name="Sportverein")
    theirs |= {"summary": ["Von der anderen."], "partners": [str(partner.pk)]}
    assert second.post(address, theirs).status_code == 302
    mine |= {"description": ["Von mir."], "budget": ["1.250.000,50 €"], "money_public": ["on"]}
    assert first.post(address, mine).status_code == 302

    measure.refresh_from_db()
    assert (measure.summary, measure.description) == ("Von der anderen.", "Von mir.")
    assert list(measure.partners.all()) == [partner]
    assert (measure.budget, measure.money_public) == (Decimal("1250000.50"), True)


def test_the_second_sees_both_texts_and_then_decides(client_of, planner, operator, measure, address):
    first, second = client_of(planner), client_of(operator)
    mine, theirs = typed(first.get(address).content.decode()), typed(second.get(address).content.decode())
    second.post(address, theirs | {"summary": ["Von der anderen."]})
    response = first.post(address, mine | {"summary": ["Von mir."]})

    content = response.content.decode()
    assert response.status_code == 200
    assert "„Von der anderen.“" in content
    assert "Von mir." in content
    assert Measure.objects.get(pk=measure.pk).summary == "Von der anderen."
    again = typed(content)
    assert again["summary"] == ["Von mir."]
    assert first.post(address, again).status_code == 302
    assert Measure.objects.get(pk=measure.pk).summary == "Von mir."


def test_a_point_is_told_of_too(client_of, planner, operator):
    point = ResolutionPointFactory(state="under_way", note="Alt")
    address = f"/arbeitsbereich/beschlusspunkte/{point.pk}/"
    mine = typed(client_of(planner).get(address).content.decode())
    assert client_of(operator).post(address, mine | {"note": ["Von der anderen."]}).status_code == 302
    content = client_of(planner).post(address, mine | {"note": ["Von mir."]}).content.decode()
    assert "„Von der anderen.“" in content
    assert "Von mir." in content


def test_a_milestone_is_told_of_too(client_of, planner, operator):
    milestone = MeasureMilestoneFactory(name="Antrag", due_on=dt.date(2027, 3, 1), done_on=None)
    address = f"/arbeitsbereich/massnahmen/{milestone.measure.number}/meilensteine/{milestone.pk}/"
    mine = typed(client_of(planner).get(address).content.decode())
    theirs = mine | {"name": ["Förderantrag"], "due_on": ["2027-06-01"]}
    assert client_of(operator).post(address, theirs).status_code == 302
    content = client_of(planner).post(address, mine | {"due_on": ["2027-09-01"]}).content.decode()
    assert "„2027-06-01“" in content
    assert client_of(planner).post(address, typed(content)).status_code == 302
    milestone.refresh_from_db()
    assert (milestone.name, milestone.due_on) == ("Förderantrag", dt.date(2027, 9, 1))


def test_a_recommendation_is_told_of_too(client_of, planner, operator):
    row = RecommendationFactory(wording="Alt.", strands=[StrandFactory()])
    old, new = AddresseeFactory(recommendation=row).organization, OrganizationFactory()
    address = f"/arbeitsbereich/empfehlungen/{row.number}/"
    mine = typed(client_of(planner).get(address).content.decode())
    theirs = mine | {"wording": ["Von der anderen."], "organizations": [str(old.pk), str(new.pk)]}
    assert client_of(operator).post(address, theirs).status_code == 302
    content = client_of(planner).post(address, mine | {"wording": ["Von mir."]}).content.decode()
    assert "„Von der anderen.“" in content
    assert client_of(planner).post(address, typed(content)).status_code == 302
    row.refresh_from_db()
    assert row.wording == "Von mir."
    assert set(row.addressees.values_list("organization", flat=True)) == {old.pk, new.pk}


def test_the_form_shows_money_as_it_is_written(client_of, planner, measure, address):
    Measure.objects.filter(pk=measure.pk).update(budget=Decimal("1250000.50"))
    values = typed(client_of(planner).get(address).content.decode())
    assert values["budget"] == ["1.250.000,50"]


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("1.250.000,50 €", "1250000.50"), ("12.500", "12500"), ("12500.5", "12500.5"), ("1 250", "1250"),
        ("0", "0"), ("99,9", "99.9"), ("1.000.000", "1000000"),
    ],
)  # fmt: skip
def test_amounts(words, amount):
    assert EuroField().clean(words) == Decimal(amount)


@pytest.mark.parametrize("words", ["viel", "-5", "1,234,5", "1e9", "12,345", "NaN", "9" * 13])
def test_what_is_no_amount_is_refused(words):
    with pytest.raises(ValidationError):
        EuroField().clean(words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"starts_on": ["2020-05-01"], "ends_on": ["2019-05-01"]}, "Das Ende liegt vor dem Beginn."),
        ({"starts_on": ["0209-05-01"]}, "Das Jahr 0209 kann nicht stimmen"),
        ({"spent": ["viel"]}, "zum Beispiel 12.500"),
        ({"title": [""]}, "erforderlich"),
    ],
)
def test_what_is_wrong_is_said_and_stays_typed(client_of, planner, measure, address, change, words):
    client = client_of(planner)
    values = typed(client.get(address).content.decode()) | {"summary": ["Bleibt stehen."]} | change
    content = client.post(address, values).content.decode()
    assert words in content
    assert typed(content)["summary"] == ["Bleibt stehen."]
    assert Measure.objects.get(pk=measure.pk).summary == "Was getan wird."
