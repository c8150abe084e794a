"""The working groups' word: who may speak when, what is asked for, who reads it before it is printed."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from measures.models import CouncilReport, GroupStatement
from measures.services import editions, reports, statements
from tests import council
from tests.factories import BodyFactory, MembershipFactory, PersonFactory, UserFactory, berlin

pytestmark = pytest.mark.django_db

AT = berlin(2010, 11, 20)
TODAY = dt.date(2010, 11, 20)
DAY = dt.timedelta(days=1)


@pytest.fixture
def report(working_group: Any) -> CouncilReport:
    """Before the groups until today."""
    return council.consulted(reports.open_report(2010, by=None, at=AT), at=AT)


@pytest.fixture
def current(working_group: Any) -> CouncilReport:
    """Before the groups now, by the clock of the pages."""
    now = timezone.now()
    return council.consulted(reports.open_report(reports.year_due(now.date()), by=None, at=now), at=now)


def give(report: CouncilReport, body: Any, **values: Any) -> GroupStatement:
    known = {"position": "agrees", "text": "", "decided_on": TODAY, "by": None, "at": AT}
    return statements.give(report, body, **{**known, **values})


def test_the_groups_lead_speaks_and_may_change_their_mind(report: Any, working_group: Any, chair: Any) -> None:
    give(report, working_group, by=chair)
    give(report, working_group, by=chair, position="dissents", text=" Das sehen wir anders. ")

    said = GroupStatement.objects.get()
    assert (said.position, said.text, said.given_by, said.given_at) == (
        "dissents",
        "Das sehen wir anders.",
        chair,
        AT,
    )
    assert list(said.history.values_list("position", flat=True)) == ["dissents", "agrees"]


def test_what_the_group_sets_itself_for_next_year_is_entered_with_its_word(
    current: Any, working_group: Any, chair: Any, client_of: Any
) -> None:
    address = f"/berichte/{current.year}/stellungnahme/{working_group.slug}/"
    said = {"position": "agrees", "text": "", "tasks": "  Wir gehen jeden Weg ab. ", "decided_on": timezone.localdate()}

    assert client_of(chair).post(address, said).status_code == 302

    assert GroupStatement.objects.get().tasks == "Wir gehen jeden Weg ab."
    assert "Wir gehen jeden Weg ab." in client_of(chair).get(address).content.decode()
    too_long = client_of(chair).post(address, {**said, "tasks": "x" * 2001}).content.decode()
    assert "x" * 2001 in too_long
    assert GroupStatement.objects.get().tasks == "Wir gehen jeden Weg ab."


@pytest.mark.parametrize("role", ["citizen", "member", "planner"])
def test_nobody_else_speaks_for_a_group(request: Any, report: Any, working_group: Any, role: str) -> None:
    with pytest.raises(PermissionDenied):
        give(report, working_group, by=request.getfixturevalue(role))


def test_the_last_day_counts_and_the_day_after_does_not(report: Any, working_group: Any) -> None:
    give(report, working_group, at=berlin(2010, 11, 20, 23, 59))
    with pytest.raises(ValidationError, match="keine Stellungnahmen"):
        give(report, working_group, at=berlin(2010, 11, 21, 0, 1))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"position": "remarks"}, "Bitte schreiben"),
        ({"position": "dissents", "text": "   "}, "Bitte schreiben"),
        ({"decided_on": TODAY + DAY}, "Zukunft"),
    ],
)
def test_what_cannot_be_printed_is_refused(report: Any, working_group: Any, values: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        give(report, working_group, **values)
    assert not GroupStatement.objects.exists()


def test_only_working_groups_at_work_at_the_cutoff_are_asked(report: Any, working_group: Any) -> None:
    for body in (
        BodyFactory(steering_group=True),
        BodyFactory(founded_on=dt.date(2010, 11, 5)),
        BodyFactory(ended=True, ended_on=dt.date(2010, 6, 1)),
    ):
        with pytest.raises(ValidationError, match="gehört nicht"):
            give(report, body)
    assert statements.silent(report) == [working_group]


def test_no_word_is_taken_in_once_it_is_frozen(report: Any, working_group: Any) -> None:
    give(report, working_group)
    editions.freeze(report, by=None, at=AT)
    with pytest.raises(ValidationError, match="keine Stellungnahmen"):
        give(report, working_group, position="dissents", text="Zu spät.")


def test_my_page_leads_to_the_statement(current: Any, working_group: Any, chair: Any, client_of: Any) -> None:
    browser, address = client_of(chair), f"/berichte/{current.year}/stellungnahme/{working_group.slug}/"
    assert address in browser.get("/konto/").content.decode()
    assert browser.get(address).status_code == 200

    lacking = browser.post(address, {"position": "dissents", "text": "", "decided_on": timezone.localdate()})
    assert "Bitte schreiben" in lacking.content.decode()
    browser.post(address, {"position": "dissents", "text": "Nein.", "decided_on": timezone.localdate()})

    assert GroupStatement.objects.get().text == "Nein."
    assert "Abgegeben: widerspricht" in browser.get("/konto/").content.decode()


def test_the_mails_link_asks_to_sign_in_and_turns_others_away(
    current: Any, working_group: Any, users: Any, client_of: Any
) -> None:
    address = f"/berichte/{current.year}/stellungnahme/{working_group.slug}/"
    answers = {role: client_of(user).get(address).status_code for role, user in users.items()}
    assert answers["anonymous"] == 302
    assert {role for role, status in answers.items() if status == 200} == {"chair", "operator"}


def test_the_groups_read_the_draft_and_others_do_not(current: Any, users: Any, client_of: Any) -> None:
    readers: dict[str, set[str]] = {"": set(), "bericht.pdf": set()}
    for path, found in readers.items():
        for role, user in users.items():
            answer = client_of(user).get(f"/berichte/{current.year}/{path}")
            if answer.status_code == 200:
                assert b"".join(answer)
                found.add(role)
    assert readers[""] == readers["bericht.pdf"] == {"member", "chair", "planner", "operator"}


def test_a_group_does_not_read_the_word_of_another_before_it_is_printed(
    current: Any, working_group: Any, client_of: Any
) -> None:
    other = BodyFactory(name="Arbeit", slug="arbeit")
    lead = MembershipFactory(
        body=other, chair=True, person=PersonFactory(user=UserFactory(email="andere@example.org"))
    ).person.user
    now = timezone.now()
    give(current, working_group, text="Ganz unser Wort.", at=now, decided_on=now.date())

    assert not GroupStatement.objects.visible_to(lead).exists()
    reports.make(CouncilReport.objects.get(), by=None, at=now)
    page = client_of(lead).get(f"/berichte/{current.year}/").content.decode()
    assert "Entwurf" in page
    assert "Ganz unser Wort." not in page


def test_a_closed_statement_can_be_read_again(report: Any, working_group: Any, chair: Any, client_of: Any) -> None:
    give(report, working_group, by=chair, text="Gern.")
    page = client_of(chair).get(f"/berichte/2010/stellungnahme/{working_group.slug}/").content.decode()
    assert "Gern." in page
    assert '<form method="post" class="form"' not in page
