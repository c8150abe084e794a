"""Institutions: their pages, and how they join a declaration."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from post_office.models import Email

from dialog.services import declarations
from measures.models import Measure
from tests.factories import (
    CooperationAgreementFactory,
    DeclarationFactory,
    MeasureFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    SignatureFactory,
    berlin,
)

AT = berlin(2026, 3, 2)


@pytest.fixture
def school(db):
    return OrganizationFactory(name="Overbergschule", slug="overbergschule", kind="school")


def test_the_page_tells_what_it_carries_where_it_speaks_and_what_it_signed(read, school, working_group):
    MeasureFactory(title="Lesepaten", lead=school, state=Measure.State.DECIDED)
    partner = MeasureFactory(title="Elternschule", state=Measure.State.DECIDED)
    partner.partners.add(school)
    CooperationAgreementFactory(title="Vorlesen in der Kita", parties=[school])
    SignatureFactory(organization=school, declaration=DeclarationFactory(title="Lüner Erklärung"))
    MembershipFactory(body=working_group, organization=school, named=True, person=PersonFactory(name="Olga Offen"))
    MembershipFactory(body=working_group, organization=school, person=PersonFactory(name="Gerd Geheim"))
    page = read("anonymous", "/institutionen/overbergschule/")
    for words in ("Lesepaten", "Elternschule", "Vorlesen in der Kita", "Lüner Erklärung", "Olga Offen"):
        assert words in page
    assert "Arbeitsgruppe Wohnen und Quartier" in page
    assert "Gerd Geheim" not in page


def test_the_list_is_searched(read, school):
    OrganizationFactory(name="Kulturverein")
    page = read("anonymous", "/institutionen/?q=overberg")
    assert "Overbergschule" in page
    assert "Kulturverein" not in page
    assert "Keine Institution gefunden." in read("anonymous", "/institutionen/?q=xyz%00")


def test_an_institution_asks_to_join_and_stands_there_when_verified(client_of, citizen, planner, school):
    declaration = DeclarationFactory(title="Lüner Erklärung", slug="erklaerung")
    browser = client_of(citizen)
    browser.post("/erklaerungen/erklaerung/beitreten/", {"organization": school.pk, "message": "Ich bin die Rektorin."})
    request = declaration.signatures.get()
    assert request.state == "requested"
    assert "Overbergschule" not in browser.get("/erklaerungen/erklaerung/").content.decode()
    assert Email.objects.filter(to=planner.email, subject="Beitritt zu prüfen: Overbergschule").exists()
    desk = client_of(planner)
    assert "Ich bin die Rektorin." in desk.get(f"/arbeitsbereich/beitritte/{request.pk}/").content.decode()
    desk.post(f"/arbeitsbereich/beitritte/{request.pk}/", {"publish": "1", "on": "2026-03-02"})
    assert "Overbergschule" in browser.get("/erklaerungen/erklaerung/").content.decode()
    assert Email.objects.filter(to=citizen.email, subject="Beigetreten: Lüner Erklärung").exists()


def test_declining_needs_a_reason_and_one_may_ask_again(citizen, planner, school):
    declaration = DeclarationFactory()
    first = declarations.request(declaration, organization=school, by=citizen, at=AT)
    with pytest.raises(ValidationError, match="schon beigetreten"):
        declarations.request(declaration, organization=school, by=citizen, at=AT)
    with pytest.raises(ValidationError):
        declarations.decline(first, by=planner, reason=" ", at=AT)
    declarations.decline(first, by=planner, reason="Bitte mit Vollmacht.", at=AT)
    assert "Bitte mit Vollmacht." in Email.objects.filter(to=citizen.email).latest("pk").message
    declarations.request(declaration, organization=school, by=citizen, at=AT)


def test_only_the_planning_group_publishes(citizen, chair, school):
    request = declarations.request(DeclarationFactory(), organization=school, by=citizen, at=AT)
    with pytest.raises(PermissionDenied):
        declarations.publish(request, by=chair, on=AT.date(), at=AT)


def test_a_request_leaks_nowhere(read, school):
    SignatureFactory(requested=True, organization=school, declaration=DeclarationFactory(title="Geheime Erklärung"))
    assert "Geheime Erklärung" not in read("anonymous", "/institutionen/overbergschule/")
    assert "ist beigetreten" not in read("anonymous", "/erklaerungen/")


@pytest.mark.parametrize("address", ["/institutionen/", "/institutionen/overbergschule/"])
def test_30_rows_take_as_many_queries_as_one(queries, school, address):
    def rows(number: int) -> None:
        for _each in range(number):
            MembershipFactory(organization=school, named=True)
            SignatureFactory(organization=school)
            MeasureFactory(lead=school, state=Measure.State.DECIDED)
            OrganizationFactory(part_of=school)

    rows(1)
    one = queries(address)
    rows(29)
    assert queries(address) == one
