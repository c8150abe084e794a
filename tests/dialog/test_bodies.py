"""Bodies: what each reader learns of people, meetings, recommendations and tasks."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dialog.models import Body, Membership, Minutes
from tests.factories import (
    BodyFactory,
    FieldOfActionFactory,
    MeetingFactory,
    MembershipFactory,
    MinutesFactory,
    OrganizationFactory,
    PersonFactory,
    RecommendationFactory,
    SeatFactory,
    TaskFactory,
    berlin,
)

Read = Callable[[str, str], str]

GROUP = "/gremien/wohnen-und-quartier/"
EVERYONE = ("anonymous", "citizen", "applicant", "member", "chair", "planner", "lead_contact", "operator")
INSIDERS = ("member", "chair", "planner", "operator")


def soon(days: int = 7) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", EVERYONE)
def test_a_member_who_did_not_agree_is_named_only_to_insiders(role: str, read: Read, working_group: Body) -> None:
    MembershipFactory(body=working_group, person=PersonFactory(name="Ohne Zustimmung"))
    assert ("Ohne Zustimmung" in read(role, GROUP)) == (role in INSIDERS)


@pytest.mark.parametrize("role", EVERYONE)
def test_requests_and_former_members_are_on_nobodys_page(role: str, read: Read, working_group: Body) -> None:
    MembershipFactory(body=working_group, person=PersonFactory(name="Bittet Um Aufnahme"), requested=True)
    MembershipFactory(body=working_group, person=PersonFactory(name="War Einmal"), former=True)
    page = read(role, GROUP)
    assert "Bittet Um Aufnahme" not in page
    assert "War Einmal" not in page


@pytest.mark.parametrize("role", EVERYONE)
def test_whoever_agreed_and_office_holders_are_named_to_everyone(role: str, read: Read, working_group: Body) -> None:
    MembershipFactory(body=working_group, person=PersonFactory(name="Mit Zustimmung"), named=True)
    MembershipFactory(body=working_group, person=PersonFactory(name="Im Amt", office_holder=True))
    page = read(role, GROUP)
    assert "Mit Zustimmung" in page
    assert "Im Amt" in page
    assert "Bürgermeisterin" in page


def test_an_office_that_is_not_public_is_not_shown_with_the_name(read: Read, working_group: Body) -> None:
    MembershipFactory(
        body=working_group, person=PersonFactory(name="Mit Zustimmung", office="Sachbearbeitung"), named=True
    )
    assert "Sachbearbeitung" not in read("anonymous", GROUP)


def test_consent_for_one_body_is_none_for_another(read: Read, working_group: Body) -> None:
    person = PersonFactory(name="Mit Zustimmung")
    MembershipFactory(body=BodyFactory(), person=person, named=True)
    MembershipFactory(body=working_group, person=person)
    assert "Mit Zustimmung" not in read("anonymous", GROUP)


@pytest.mark.parametrize(
    ("unnamed", "words"), [(1, "Dazu kommt ein weiteres Mitglied"), (4, "Dazu kommen vier weitere Mitglieder")]
)
def test_the_others_are_counted(unnamed: int, words: str, read: Read, working_group: Body) -> None:
    MembershipFactory(body=working_group, named=True)
    MembershipFactory.create_batch(unnamed, body=working_group)
    MembershipFactory(body=working_group, requested=True)
    assert words in read("anonymous", GROUP)


def test_where_nobody_agreed_only_the_number_is_told(read: Read, working_group: Body) -> None:
    MembershipFactory.create_batch(3, body=working_group)
    assert "3 Mitglieder; die Namen sind hier nicht genannt." in read("anonymous", GROUP)


def test_lead_institution_and_composition_are_told(read: Read, working_group: Body) -> None:
    MembershipFactory(
        body=working_group,
        person=PersonFactory(name="Lea Leitet"),
        chair=True,
        named=True,
        organization=OrganizationFactory(name="Heimatverein"),
    )
    SeatFactory(body=working_group, name="Vertretung der Schulen")
    page = read("anonymous", GROUP)
    assert "<dt>Leitung</dt>" in page
    assert 'für <a href="/institutionen/' in page
    assert "Vertretung der Schulen" in page


def test_seats_tell_who_holds_them_and_which_are_vacant(read: Read, working_group: Body) -> None:
    council = SeatFactory(body=working_group, name="Rat", places=3)
    named = PersonFactory(name="Rita Rat")
    MembershipFactory(body=working_group, person=named, named=True, seat=council)
    MembershipFactory(body=working_group, seat=council)
    SeatFactory(body=working_group, name="Gleichstellung", places=2)
    SeatFactory(body=working_group, name="Gäste")
    page = read("anonymous", GROUP)
    composition = page[page.index("Zusammensetzung") : page.index("<h2>Sitzungen</h2>")]
    assert "Rita Rat" in composition
    assert "Ein Platz ist besetzt; der Name ist hier nicht genannt." in composition
    assert composition.count("unbesetzt") == 2
    assert "2 Plätze unbesetzt" in composition
    assert page.count("Rita Rat") == 1


def test_who_has_no_seat_stands_below_the_composition(read: Read, working_group: Body) -> None:
    MembershipFactory(body=working_group, named=True, seat=SeatFactory(body=working_group, places=1))
    MembershipFactory(body=working_group, person=PersonFactory(name="Gisela Gast"), named=True)
    MembershipFactory(body=working_group)
    page = read("anonymous", GROUP)
    further = page[page.index("Weitere Mitglieder") : page.index("<h2>Sitzungen</h2>")]
    assert "Gisela Gast" in further
    assert "Dazu kommt ein weiteres Mitglied" in further


# ── meetings, minutes, recommendations, tasks ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", [GROUP, "/arbeitsgruppen/", "/gremien/", "/mitmachen/"])
@pytest.mark.parametrize("role", EVERYONE)
def test_a_non_public_meeting_shows_only_to_insiders(role: str, page: str, read: Read, working_group: Body) -> None:
    meeting = MeetingFactory(body=working_group, non_public=True, starts_at=soon())
    assert (f"/sitzungen/{meeting.pk}/" in read(role, page)) == (role in INSIDERS)


@pytest.mark.parametrize("role", EVERYONE)
def test_a_past_non_public_meeting_shows_only_to_insiders(role: str, read: Read, working_group: Body) -> None:
    meeting = MeetingFactory(body=working_group, non_public=True, held=True)
    assert (f"/sitzungen/{meeting.pk}/" in read(role, GROUP)) == (role in INSIDERS)


@pytest.mark.parametrize(
    ("state", "readers"),
    [
        (Minutes.State.DRAFT, {"planner", "operator"}),
        (Minutes.State.IN_REVIEW, set(INSIDERS)),
        (Minutes.State.APPROVED, set(INSIDERS)),
        (Minutes.State.PUBLISHED, set(EVERYONE)),
    ],
)
@pytest.mark.parametrize("role", EVERYONE)
def test_minutes_are_linked_for_whoever_may_read_them(
    role: str, state: str, readers: set[str], read: Read, working_group: Body
) -> None:
    meeting = MeetingFactory(body=working_group, held=True)
    published_at = berlin(2009, 4, 1) if state == Minutes.State.PUBLISHED else None
    MinutesFactory(meeting=meeting, state=state, published_at=published_at)
    assert (f"/sitzungen/{meeting.pk}/niederschrift/" in read(role, GROUP)) == (role in readers)


def test_coming_meetings_stand_before_past_ones_and_older_ones_are_a_click_away(
    read: Read, working_group: Body
) -> None:
    for year in range(2009, 2017):
        MeetingFactory(body=working_group, held=True, title=f"Sitzung {year}", starts_at=berlin(year, 5, 5))
    MeetingFactory(body=working_group, title="Nächstes Mal", starts_at=soon())
    page = read("anonymous", GROUP)
    assert page.index("Nächstes Mal") < page.index("Sitzung 2016") < page.index("Sitzung 2011")
    assert "Sitzung 2010" not in page
    assert "/sitzungen/?gremium=wohnen-und-quartier" in page


def test_a_cancelled_meeting_is_not_the_next_one(read: Read, working_group: Body) -> None:
    cancelled = MeetingFactory(body=working_group, cancelled=True, starts_at=soon(3))
    coming = MeetingFactory(body=working_group, starts_at=soon(9))
    page = read("anonymous", "/arbeitsgruppen/")
    assert f"/sitzungen/{cancelled.pk}/" not in page
    assert f"/sitzungen/{coming.pk}/" in page
    assert "Abgesagt" in read("anonymous", GROUP)


@pytest.mark.parametrize("role", EVERYONE)
def test_a_drafted_recommendation_shows_only_to_insiders(role: str, read: Read, working_group: Body) -> None:
    RecommendationFactory(body=working_group, drafted=True, title="Noch geheim")
    assert ("Noch geheim" in read(role, GROUP)) == (role in INSIDERS)


def test_a_recommendation_stands_with_what_became_of_it(read: Read, working_group: Body) -> None:
    RecommendationFactory(body=working_group, state="taken_up", title="Mehr Grün")
    page = read("anonymous", GROUP)
    assert "Mehr Grün" in page
    assert "Aufgegriffen" in page


@pytest.mark.parametrize("role", EVERYONE)
def test_open_tasks_show_only_to_insiders(role: str, read: Read, working_group: Body) -> None:
    TaskFactory(body=working_group, title="Angebote einholen")
    TaskFactory(body=working_group, title="Längst getan", done_on=dt.date(2009, 5, 1))
    page = read(role, GROUP)
    assert ("Angebote einholen" in page) == (role in INSIDERS)
    assert "Längst getan" not in page


# ── joining and leaving ─────────────────────────────────────────────────────────────────────────────────


def test_an_open_group_offers_the_way_in(read: Read, working_group: Body) -> None:
    for page in (GROUP, "/arbeitsgruppen/", "/mitmachen/"):
        assert "/gremien/wohnen-und-quartier/mitmachen/" in read("anonymous", page)


def test_a_closed_group_says_why_and_offers_no_way_in(read: Read) -> None:
    BodyFactory(slug="volle-gruppe", closed=True)
    for page in ("/gremien/volle-gruppe/", "/arbeitsgruppen/", "/mitmachen/"):
        text = read("anonymous", page)
        assert "Die Gruppe ist voll besetzt." in text
        assert "/gremien/volle-gruppe/mitmachen/" not in text


@pytest.mark.parametrize(
    ("role", "words"),
    [("member", "Sie gehören diesem Gremium an."), ("applicant", "Ihr Antrag liegt vor.")],
)
def test_whoever_belongs_or_has_asked_is_told_so_instead(role: str, words: str, read: Read) -> None:
    page = read(role, GROUP)
    assert words in page
    assert "/gremien/wohnen-und-quartier/mitmachen/" not in page


def test_whoever_left_may_ask_again(read: Read, working_group: Body, citizen: Any) -> None:
    MembershipFactory(body=working_group, person=citizen.person, former=True)
    assert "/gremien/wohnen-und-quartier/mitmachen/" in read("citizen", GROUP)


def test_an_ended_body_says_so_and_stands_apart(read: Read) -> None:
    BodyFactory(name="Verkehr von gestern", slug="verkehr-von-gestern", ended=True)
    assert "Dieses Gremium hat seine Arbeit beendet" in read("anonymous", "/gremien/verkehr-von-gestern/")
    page = read("anonymous", "/gremien/")
    assert page.index("Frühere Gremien") < page.index("Verkehr von gestern")
    assert page.count("Verkehr von gestern") == 1
    assert "Verkehr von gestern" in read("anonymous", "/arbeitsgruppen/").partition("Frühere Arbeitsgruppen")[2]
    assert "Verkehr von gestern" not in read("anonymous", "/mitmachen/")


def test_other_bodies_are_no_working_groups(read: Read) -> None:
    BodyFactory(name="Rat der Stadt", council=True)
    assert "Rat der Stadt" in read("anonymous", "/gremien/")
    assert "Rat der Stadt" not in read("anonymous", "/arbeitsgruppen/")
    assert "Rat der Stadt" not in read("anonymous", "/mitmachen/")


# ── the pages themselves ────────────────────────────────────────────────────────────────────────────────


def test_editors_note_and_source_are_visible(read: Read) -> None:
    BodyFactory(slug="gruppe", note="Diese Gruppe ist eine Annahme.", source="Broschüre, S. 15")
    page = read("anonymous", "/gremien/gruppe/")
    assert "Diese Gruppe ist eine Annahme." in page
    assert "Quelle: Broschüre, S. 15" in page


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/gremien/gibt-es-nicht/", "/gremien/%00/", "/gremien/' OR 1=1/"])
def test_an_unknown_body_is_404(address: str, client: Client) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", [GROUP, "/arbeitsgruppen/", "/gremien/", "/mitmachen/"])
def test_readers_without_account_get_no_cookie(address: str, client: Client, working_group: Body) -> None:
    assert not client.get(address).cookies


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/arbeitsgruppen/", "/gremien/", "/mitmachen/"])
def test_the_pages_stand_without_any_body(address: str, read: Read) -> None:
    assert "Zurzeit arbeitet" in read("anonymous", address)


def _furnish(body: Body, *, rows: int) -> None:
    MembershipFactory.create_batch(rows, body=body, named=True, organization=OrganizationFactory())
    MembershipFactory.create_batch(rows, body=body)
    for n in range(rows):
        MinutesFactory(meeting=MeetingFactory(body=body, held=True, starts_at=berlin(2010, 1, 1 + n)), published=True)
        MeetingFactory(body=body, starts_at=soon(1 + n))
        RecommendationFactory(body=body)
        SeatFactory(body=body)
        TaskFactory(body=body, assignee=PersonFactory())


@pytest.mark.parametrize("role", ["anonymous", "member", "planner"])
def test_a_bodys_page_takes_as_many_queries_for_30_rows_as_for_one(
    role: str, queries: Callable[..., int], working_group: Body
) -> None:
    _furnish(working_group, rows=1)
    few = queries(GROUP, role)
    _furnish(working_group, rows=29)
    assert queries(GROUP, role) == few


@pytest.mark.parametrize("address", ["/arbeitsgruppen/", "/gremien/", "/mitmachen/"])
def test_the_lists_take_as_many_queries_for_30_bodies_as_for_one(
    address: str, queries: Callable[..., int], working_group: Body
) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            body = BodyFactory(fields=[FieldOfActionFactory()])
            MeetingFactory(body=body, starts_at=soon())
            BodyFactory(ended=True)
            BodyFactory(council=True)

    add(1)
    few = queries(address)
    add(29)
    assert queries(address) == few


def test_the_role_of_a_membership_stands_beside_the_name(read: Read, working_group: Body) -> None:
    MembershipFactory(body=working_group, named=True, role=Membership.Role.EXPERT_SUPPORT)
    assert "Fachliche Begleitung" in read("anonymous", GROUP)


def test_examples_are_marked(read: Read) -> None:
    body = BodyFactory(slug="gruppe", is_example=True)
    MembershipFactory(body=body, named=True, is_example=True)
    page = read("anonymous", "/gremien/gruppe/")
    assert page.count('<span class="example">Beispiel</span>') == 2
