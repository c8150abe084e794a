"""Institutions: their pages, and how they join a declaration."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from post_office.models import Email

from dialog.models import Organization
from dialog.services import declarations, organizations
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
    assert "Overbergschule" not in Client().get("/erklaerungen/erklaerung/").content.decode()
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


# ── in the workspace ────────────────────────────────────────────────────────────────────────────────────

DESK = "/arbeitsbereich/institutionen/"


def test_the_workspace_names_who_speaks_for_each(read, queries, planner, school, working_group):
    MembershipFactory(organization=school, body=working_group, person=PersonFactory(name="Gerd Geheim"))
    MembershipFactory(organization=school, state="ended", starts_on=AT, ends_on=AT, person__name="Frida Früher")
    page = read("planner", DESK)
    assert "Gerd Geheim, Arbeitsgruppe Wohnen und Quartier" in page
    assert "Frida Früher" not in page
    one = queries(DESK, "planner")
    for _each in range(29):
        MembershipFactory(organization=school)
        MembershipFactory(organization=OrganizationFactory())
    assert queries(DESK, "planner") == one


def test_an_institution_is_entered_that_nobody_has_named_before(client_of, planner):
    browser = client_of(planner)
    entry = {"name": " Förderverein  Musikschule ", "kind": "association", "website": "musik.example.org"}
    assert browser.post(f"{DESK}neu/", entry)["Location"] == "/institutionen/forderverein-musikschule/"
    entered = Organization.objects.get()
    assert (entered.name, entered.website) == ("Förderverein Musikschule", "https://musik.example.org")


@pytest.mark.parametrize("name", ["Öffentliche Bücherei", "öffentliche bücherei", " ÖFFENTLICHE  BÜCHEREI"])
def test_a_known_name_is_refused_however_it_is_written(client_of, planner, name):
    OrganizationFactory(name="Öffentliche Bücherei")
    page = client_of(planner).post(f"{DESK}neu/", {"name": name, "kind": "other"}).content.decode()
    assert "ist schon eingetragen" in page or "existiert bereits" in page
    assert Organization.objects.count() == 1


def test_names_that_make_the_same_address_get_two(planner):
    slugs = [organizations.enter(name=name, kind="other", by=planner).slug for name in ("A-B", "A B", "A, B", "日本")]
    assert slugs == ["a-b", "a-b-2", "a-b-3", "institution"]


def test_how_to_reach_it_stands_on_its_page_and_on_its_measures(db, client):
    lead = OrganizationFactory(
        phone="+49 2306 / 00-110", public_email="jugend@example.org", website="https://jugend.example.org/"
    )
    lead.full_clean()
    for page in (lead, MeasureFactory(lead=lead)):
        content = client.get(page.get_absolute_url()).content.decode()
        assert '<a href="tel:+49230600110">+49 2306 / 00-110</a>' in content
        assert '<a href="mailto:jugend@example.org">' in content
        assert '<a href="https://jugend.example.org/">' in content
    other = OrganizationFactory(email="postfach@example.org")
    for page in (other, MeasureFactory(lead=other)):
        content = client.get(page.get_absolute_url()).content.decode()
        assert "tel:" not in content
        assert "postfach@example.org" not in content


@pytest.mark.parametrize(
    ("field", "value"), [("phone", "auf Anfrage"), ("phone", "12"), ("website", "javascript:alert(1)")]
)
def test_what_is_no_contact_is_refused(db, field, value):
    with pytest.raises(ValidationError) as refused:
        OrganizationFactory.build(**{field: value}).full_clean()
    assert field in refused.value.message_dict
