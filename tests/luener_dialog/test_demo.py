"""The demo: record, example layer and reports, as of a day in November 2026; loaded once for all tests here."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from django.utils.html import strip_tags
from post_office.models import Email

from conferences.models import Conference, Debate
from dialog.models import (
    AgendaItem,
    Attendance,
    Body,
    Correction,
    Decision,
    Declaration,
    FieldOfAction,
    Following,
    Guest,
    Meeting,
    Membership,
    Minutes,
    Person,
    Recommendation,
    Recorded,
    Rectification,
    Signature,
    Step,
    Task,
    User,
)
from dialog.services import attendance, tables
from luener_dialog.demo import example, logins, record
from luener_dialog.demo.files import RecordError
from measures.models import (
    Attachment,
    CouncilReport,
    GroupStatement,
    Indicator,
    IndicatorValue,
    Measure,
    MeasureMilestone,
    ProgressUpdate,
    Question,
    ResolutionPoint,
)
from measures.models.measures import Freshness
from measures.services import transfer
from measures.services.transfer_columns import TABLES
from tests.factories import berlin

pytestmark = pytest.mark.django_db

NOW = berlin(2026, 11, 23, 9)
TODAY = NOW.date()


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Loads the demo once; every test works on it inside a transaction of its own, and at the end it is gone."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")),
        transaction.atomic(),
    ):
        assert example.load_demo(now=NOW)
        yield
        transaction.set_rollback(True)


def counts_of_all_tables() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models(include_auto_created=True)}


def recorded_models() -> Iterator[type[Recorded]]:
    for model in apps.get_models():
        if issubclass(model, Recorded):
            yield model


def test_a_second_run_does_nothing(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.DEMO = True
    before = counts_of_all_tables()

    call_command("demo")

    assert capsys.readouterr().out == "Die Vorführung ist schon da; nichts zu tun.\n"
    assert counts_of_all_tables() == before


def test_loading_the_record_after_the_demo_changes_nothing() -> None:
    counts = record.load()

    assert (counts.created, counts.changed, counts.removed, counts.gone) == ({}, {}, {}, [])


def test_it_is_refused_outside_a_demo(settings: Any) -> None:
    """Its passwords are known to everyone."""
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(CommandError, match="DEMO=true"):
        call_command("demo")


def test_what_is_not_of_the_record_is_marked_as_example() -> None:
    for model in recorded_models():
        assert not model._default_manager.filter(is_example=False, source="").exists(), model
        sources = set(model._default_manager.filter(is_example=True).values_list("source", flat=True)) - {""}
        # A figure needs one even when it is invented, and says so.
        assert all(source.startswith("Beispielzahlen") for source in sources), model


def test_examples_are_younger_than_the_record() -> None:
    border = berlin(2009, 2, 1, 0)
    for model in recorded_models():
        for column in model._meta.fields:
            if column.get_internal_type() in {"DateField", "DateTimeField"} and column.name != "period_start":
                day = border if column.get_internal_type() == "DateTimeField" else border.date()
                early = model._default_manager.filter(**{"is_example": True, f"{column.name}__lt": day})
                assert not early.exists(), (model, column.name)


def test_traces_and_histories_are_dated_as_the_story_goes() -> None:
    assert not Step.objects.filter(at__gt=NOW).exists()
    for model in (Measure, Recommendation, ResolutionPoint, Minutes):
        entered, walked = model.history.filter(history_type="+"), model.history.filter(history_type="~")
        assert not model.history.filter(history_date__gt=NOW).exists()
        assert walked.exists()
        for change in walked:
            assert entered.get(id=change.id).history_date <= change.history_date


def test_all_standings_appear() -> None:
    standings = Counter(measure.standing_on(TODAY).value for measure in Measure.objects.all())

    assert standings == {
        "in_progress": 30,
        "done": 20,
        "decided": 8,
        "quiet": 7,
        "stopped": 6,
        "proposed": 5,
        "merged": 5,
    }


def test_the_news_of_a_measure_lead_to_its_state() -> None:
    for measure in Measure.objects.filter(updates__isnull=False).distinct():
        last = measure.updates.first()
        assert (last.progress, last.date) == (measure.progress, measure.last_news_on)
        assert measure.state in {last.status, "stopped", "merged"}
        progress = list(measure.updates.order_by("date").values_list("progress", flat=True))
        assert progress == sorted(progress)


def test_sixty_measures_tell_ten_years_of_news_and_no_two_alike() -> None:
    examples = Measure.objects.filter(is_example=True)
    assert examples.count() >= 60
    for field in FieldOfAction.objects.all():
        assert set(examples.filter(field=field).values_list("state", flat=True)) == set(Measure.State.values), field
        assert set(examples.filter(field=field).values_list("strands__code", flat=True)) == {
            "infrastructure",
            "integration",
        }
    news = ProgressUpdate.objects.filter(is_example=True)
    assert {TODAY.year - ago for ago in range(10)} <= set(news.values_list("date__year", flat=True))
    for texts in (
        list(news.values_list("text", flat=True)),
        list(examples.values_list("summary", flat=True)),
        list(examples.exclude(description="").values_list("description", flat=True)),
    ):
        assert len(texts) == len(set(texts))
    assert {row.freshness_on(TODAY) for row in examples} == {None, *Freshness}
    assert examples.exclude(districts=None).exclude(latitude=None).count() >= 15
    assert examples.filter(money_public=True, budget__gt=0).count() >= 30
    assert examples.exclude(reason="").exclude(audience="").count() >= 10


def test_measures_have_pictures_files_questions_and_followers() -> None:
    pictures = Attachment.objects.exclude(small=None)
    assert pictures.count() == 2
    assert not pictures.filter(alternative="").exists()
    assert Attachment.objects.filter(small=None, document__is_public=True).count() == 2
    assert not Attachment.objects.filter(measure__is_example=False).exists()
    assert Question.objects.published().count() == 4
    assert set(Question.objects.open().values_list("state", flat=True)) == {"received", "forwarded"}
    assert not Question.objects.filter(is_example=False).exists()
    assert not Email.objects.filter(to__startswith="frage-").exists()
    assert Following.objects.count() == 5
    assert Measure.objects.filter(is_example=True, money_public=False, budget__gt=0).count() == 5


def test_forty_people_hold_the_seats_of_the_bodies_and_one_is_vacant() -> None:
    assert Person.objects.filter(is_example=True).count() >= 40
    assert Membership.objects.requested().count() >= 3
    members = [group.memberships.active().count() for group in Body.objects.working_groups().at_work()]
    assert len(members) == 6
    assert max(members) > min(members)

    steering = Body.objects.get(slug="steuerungsgruppe")
    held = {seat.kind: seat.memberships.active().count() for seat in steering.seats.all()}
    assert held == {
        "administration": 1,
        "council": 3,
        "working_group": 6,
        "advisory_council": 1,
        "equal_opportunities": 0,
    }
    assert steering.seats.get(kind="equal_opportunities").places == 1
    assert Body.objects.get(slug="sport-und-freizeit").closed_reason


def test_institutions_have_joined_the_declaration_and_one_waits(client: Any) -> None:
    rows = Signature.objects.all()
    assert len(rows.published()) == 6
    assert [row.person.name for row in rows.requested()] == ["Leyla Sönmez"]
    page = client.get(Declaration.objects.get().get_absolute_url()).content.decode()
    assert "Kindertagesstätte Zaunkönig" in page
    assert "Musikschule Lippeklang" not in page
    signatories = CouncilReport.objects.get(year=NOW.year - 1).content["declarations"][0]["signatories"]
    assert len(signatories) == 5
    assert all(row["is_example"] for row in signatories)


def test_every_measure_says_who_decided_and_why_it_ended() -> None:
    for measure in Measure.objects.exclude(state__in=["proposed", "merged"]):
        decided_on = measure.history.filter(state="decided").earliest().history_date.date()
        resolved_on = [point.resolution.adopted_on for point in measure.decided_in.all()]
        assert measure.decided_by or min(resolved_on) <= decided_on, measure
    assert Measure.objects.filter(is_example=True, state="stopped").exclude(stop_reason="").count() >= 4
    assert Measure.objects.filter(is_example=True, state="merged").exclude(merged_into=None).count() >= 4


def test_points_of_resolutions_stand_in_all_states_and_say_why_they_are_late() -> None:
    points = ResolutionPoint.objects.filter(is_example=True)

    assert set(points.values_list("state", flat=True)) == set(ResolutionPoint.State.values)
    late = [point for point in points if point.is_late_on(TODAY)]
    assert [point.title for point in late if not point.late_reason] == []
    assert len(late) >= 2


def test_eight_figures_have_ten_years_a_target_and_a_source() -> None:
    figures = [row for row in Indicator.objects.filter(is_example=True) if row.values.count() == 10]

    assert len(figures) == 8
    for figure in figures:
        assert figure.source
        assert figure.target
        assert figure.target_year > TODAY.year
        assert figure.measures.exists()
        assert [value.year for value in figure.values.all()] == list(range(TODAY.year - 9, TODAY.year + 1))


def test_milestones_of_the_record_come_before_those_of_the_example() -> None:
    positions = MeasureMilestone.objects.filter(measure__is_example=False).values_list("is_example", "position")

    assert max(at for is_example, at in positions if not is_example) < min(
        at for is_example, at in positions if is_example
    )
    assert MeasureMilestone.objects.filter(is_example=True, done_on=None, due_on__lt=TODAY).exists()


def test_every_working_group_met_and_will_meet() -> None:
    for group in Body.objects.joinable():
        past = group.meetings.filter(ends_at__lt=NOW)
        assert past.filter(starts_at__gte=NOW - dt.timedelta(days=365), state="held").count() >= 2
        coming = group.meetings.coming(NOW)[0]
        assert coming.is_public
        assert coming.agenda_items.count() >= 4
        assert coming.starts_at < NOW + dt.timedelta(weeks=5)
        assert group.memberships.active().filter(role="chair").exists()
    assert not Meeting.objects.filter(body__kind="steering_group", is_public=True).exists()
    assert all(timezone.localtime(meeting.starts_at).weekday() < 5 for meeting in Meeting.objects.all())


def test_meetings_are_as_far_as_meetings_can_be() -> None:
    """Planned without an agenda, with one, invited, moved, called off, held without minutes."""
    coming = Meeting.objects.coming(NOW)
    own_items = AgendaItem.objects.filter(is_standing=False).values("meeting")
    invited = coming.exclude(invited_at=None)
    cancelled = Meeting.objects.get(state="cancelled", starts_at__gt=NOW)

    assert coming.exclude(pk__in=own_items).exists()
    assert coming.filter(pk__in=own_items, invited_at=None).exists()
    assert set(Attendance.objects.filter(meeting__in=invited).values_list("answer", flat=True)) == {
        *("", "yes", "no", "deputy")
    }
    assert invited.filter(revision=1, place="Hallenbad").exists()
    assert cancelled.cancel_reason
    assert cancelled.revision == 1
    assert Meeting.objects.filter(state="held", minutes=None).exists()
    assert not Meeting.objects.filter(state="planned", ends_at__lt=NOW).exists()


def test_who_was_there_is_noted_and_nothing_is_said_of_people_of_the_record() -> None:
    for meeting in Meeting.objects.filter(state="held", body__kind="working_group"):
        assert meeting.attendances.present().exists()
    rows = Attendance.objects.filter(meeting__state="held")
    assert set(rows.filter(person__is_example=True).values_list("presence", flat=True)) == {
        *("present", "excused", "absent")
    }
    assert set(rows.filter(person__is_example=False).values_list("answer", "presence")) == {("", "")}
    assert Guest.objects.present().exists()


def test_there_are_minutes_in_every_state() -> None:
    assert set(Minutes.objects.values_list("state", flat=True)) == set(Minutes.State.values)
    assert all(minutes.meeting.state == "held" for minutes in Minutes.objects.select_related("meeting"))
    public = Minutes.objects.filter(state="published", meeting__is_public=True)
    assert all(minutes.public_content["items"] for minutes in public)
    assert Minutes.objects.filter(approved_in__isnull=False).exists()
    assert set(Correction.objects.values_list("state", flat=True)) == set(Correction.State.values)
    assert Rectification.objects.get().made_at > Rectification.objects.get().minutes.published_at
    assert Minutes.history.filter(state="approved").latest("history_date").history_date < NOW


def test_votes_are_those_of_the_members_who_were_there() -> None:
    for decision in Decision.objects.exclude(yes=None).select_related("minutes"):
        present = Attendance.objects.filter(meeting=decision.minutes.meeting_id).voting().present()
        assert decision.votes_given == present.count()
    assert Decision.objects.filter(no__gt=0).exists()
    assert Decision.objects.filter(abstained__gt=0).exists()


def test_half_of_the_steering_group_has_to_be_there_and_was() -> None:
    held = Meeting.objects.filter(body__slug="steuerungsgruppe", minutes__isnull=False).select_related("body")
    found = [attendance.quorum(meeting) for meeting in held]
    assert len(found) == 3
    assert all(quorum.is_met and quorum.needed * 2 >= quorum.members > 2 for quorum in found)


def test_what_is_not_public_stays_out_of_the_public_minutes() -> None:
    hidden = AgendaItem.objects.filter(is_public=False, meeting__minutes__state="published", meeting__is_public=True)
    assert hidden.count() >= 3
    for item in hidden.select_related("meeting__minutes", "entry"):
        words = item.meeting.minutes.public_words
        assert item.title not in words
        assert strip_tags(item.entry.text)[:40] not in words
    minutes = Minutes.objects.get(meeting__record_key="stadt-5")
    assert "[Name]" in minutes.public_words
    assert "Droste" not in minutes.public_words


def test_tasks_are_open_overdue_and_done() -> None:
    assert Task.objects.overdue(TODAY).exists()
    assert Task.objects.open().filter(due_on__gt=TODAY).exists()
    assert Task.objects.exclude(done_on=None).exclude(done_note="").exists()
    assert not Task.objects.filter(agenda_item=None, occasion_id=None).exists()
    assert Task.objects.given_at(Conference, Conference.objects.filter(date__lt=TODAY).first()).count() == 2


def test_a_request_waits_for_the_chair() -> None:
    chair = User.objects.get(email="leitung@example.org")
    request = Membership.objects.to_decide(chair).get()
    assert chair.has_perm("dialog.decide_membership", request)
    assert request.message
    assert Membership.objects.filter(state="declined").exclude(reason="").exists()


def test_the_accounts_can_sign_in_and_do_what_their_label_says() -> None:
    accounts = {}
    for label, mail, password, hint in logins():
        user = accounts[mail] = User.objects.get(email=mail)
        assert label
        assert hint
        assert user.check_password(password)
        assert EmailAddress.objects.get(user=user, verified=True, primary=True).email == mail
    gahmen = Measure.objects.get(number="M-2008-003")

    assert list(accounts) == [
        "planung@example.org",
        "leitung@example.org",
        "buergerin@example.org",
        "fachamt@example.org",
        "betrieb@example.org",
    ]
    assert accounts["planung@example.org"].runs_the_process
    assert not accounts["planung@example.org"].is_superuser
    assert accounts["fachamt@example.org"].has_perm("measures.update_measure", gahmen)
    assert not accounts["buergerin@example.org"].has_perm("measures.update_measure", gahmen)
    assert accounts["betrieb@example.org"].is_superuser


def test_no_mail_of_the_past_goes_out() -> None:
    assert not Email.objects.exists()


def test_recommendations_stand_in_various_states_and_were_debated() -> None:
    states = Recommendation.objects.filter(is_example=True).order_by("number").values_list("number", "state")

    assert list(states) == [
        ("E-2018-001", "done"),
        ("E-2019-001", "taken_up"),
        ("E-2022-001", "taken_up"),
        ("E-2023-001", "taken_up"),
        ("E-2023-002", "taken_up"),
        ("E-2024-001", "done"),
        ("E-2024-002", "taken_up"),
        ("E-2025-001", "adopted"),
        ("E-2025-002", "rejected"),
        ("E-2026-001", "presented"),
        ("E-2026-002", "drafted"),
        ("E-2026-003", "drafted"),
        ("E-2026-004", "drafted"),
    ]
    assert all(row.addressees.exists() for row in Recommendation.objects.filter(is_example=True))
    assert Debate.objects.count() == 10
    presented = Step.objects.filter(name="present", at__date__lt=TODAY - dt.timedelta(days=30))
    assert set(presented.values_list("at__date", flat=True)) <= set(Conference.objects.values_list("date", flat=True))


def test_a_conference_is_ahead_with_its_programme() -> None:
    coming = Conference.objects.coming(TODAY).get()

    assert dt.timedelta(weeks=8) < coming.date - TODAY < dt.timedelta(weeks=12)
    assert (coming.slug, coming.title) == ("2027", "Jahreskonferenz 2027")
    assert coming.programme.count() == 6


def test_figures_have_a_value_for_each_of_four_years_and_a_target() -> None:
    values = IndicatorValue.objects.filter(indicator__slug="praktika-bei-der-stadt")

    assert [row.year for row in values] == [2023, 2024, 2025, 2026]
    assert values[0].indicator.target_year == 2028


def test_one_report_is_noted_one_handed_over_with_a_dissent_and_one_before_the_groups() -> None:
    reports = CouncilReport.objects.order_by("year")

    assert [(row.year, row.state, row.document.is_public) for row in reports] == [
        (2009, "noted", True),
        (2025, "handed_over", True),
        (2026, "consultation", False),
    ]
    assert all(row.is_example for row in reports)
    assert [row.published_at.year for row in reports.published()] == [2009, 2025]
    spoken = Counter(GroupStatement.objects.values_list("report__year", "position"))
    assert spoken == {
        (2025, "agrees"): 3,
        (2025, "remarks"): 1,
        (2025, "dissents"): 1,
        (2026, "agrees"): 1,
        (2026, "remarks"): 1,
    }


def test_the_first_report_knows_nothing_of_the_example() -> None:
    content = CouncilReport.objects.get(year=2009).content

    assert not content["has_examples"]
    assert [point["note"] for point in content["resolutions"][0]["points"]][5].startswith("Im November 2008")


def test_last_years_report_does_not_know_what_was_noted_later() -> None:
    content = CouncilReport.objects.get(year=2025).content

    assert content["has_examples"]
    [basic] = [row for row in content["resolutions"] if row["title"].startswith("Grundsatzbeschluss")]
    assert "Beispiel" not in str([point["note"] for point in basic["points"]])
    assert any(point.note.startswith("Beispiel") for point in ResolutionPoint.objects.all())


def test_a_broken_example_leaves_nothing(tmp_path: Path) -> None:
    """On top of the loaded demo: what matters is that nothing of the broken files stays."""
    before = counts_of_all_tables()
    (tmp_path / "a.yaml").write_text(
        "personen:\n  - schlüssel: neu\n    name: Neu\n"
        "sachstände:\n  - maßnahme: praktika\n    vom: {vor_tagen: 1}\n    stand: abgeschlossen\n"
        "    fortschritt: 50\n    text: Halb fertig.\n",
        encoding="utf-8",
    )

    with pytest.raises(RecordError, match=r"a\.yaml, Zeile 5, Eintrag „sachstände 1“: .*100 Prozent"):
        example.load(tmp_path, now=NOW)

    assert counts_of_all_tables() == before


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("{vor_jahren: 1}", "gehört nicht zu einem Datum"),
        ("{um: '18:00'}", "genau einen Abstand"),
        ("{vor_tagen: bald}", "keine ganze Zahl"),
        ("{vor_tagen: 1, um: abends}", "keine Uhrzeit"),
        ("{vor_tagen: 1, wochentag: Sonnabend}", "Möglich sind: Montag"),
    ],
)
def test_a_date_that_cannot_be_read_is_named(when: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        f"sitzungen:\n  - schlüssel: neu\n    gremium: rat\n    beginn: {when}\n", encoding="utf-8"
    )

    with pytest.raises(RecordError, match=message):
        example.load(tmp_path, now=NOW)


@pytest.mark.parametrize("kind", list(TABLES))
def test_tables_of_it_come_back_as_they_went_out(kind: str) -> None:
    planner = User.objects.get(email="planung@example.org")
    names = [column.column_name for column in TABLES[kind].columns.values()]
    for suffix in ("csv", "xlsx"):
        content = b"".join(transfer.export(kind, suffix, by=planner))
        data = tables.read(content, names, max_rows=transfer.MAX_ROWS)
        lines = transfer.check(kind, data, by=planner)
        assert len(lines) > 10 or kind == "resolutions"
        assert [(line.row, line.changes, line.errors) for line in lines if line.kind != "same"] == []


def test_people_without_an_account_are_possible() -> None:
    assert Person.objects.filter(is_example=True, user=None).exists()
