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
from post_office.models import Email

from conferences.models import Conference, Debate
from dialog.models import Body, Meeting, Membership, Minutes, Person, Recommendation, Recorded, Step, User
from luener_dialog.demo import example, logins, record
from luener_dialog.demo.files import RecordError
from measures.models import (
    CouncilReport,
    GroupStatement,
    IndicatorValue,
    Measure,
    MeasureMilestone,
    ProgressUpdate,
    ResolutionPoint,
)
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
        assert not model._default_manager.filter(is_example=True).exclude(source="").exists(), model


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

    assert standings == {"in_progress": 6, "done": 4, "decided": 2, "quiet": 3, "stopped": 1, "proposed": 1}


def test_the_news_of_a_measure_lead_to_its_state() -> None:
    for measure in Measure.objects.filter(updates__isnull=False).distinct():
        last = measure.updates.first()
        assert (last.status, last.progress, last.date) == (measure.state, measure.progress, measure.last_news_on)
        progress = list(measure.updates.order_by("date").values_list("progress", flat=True))
        assert progress == sorted(progress)
    assert ProgressUpdate.objects.values("measure").distinct().count() >= 12


def test_milestones_of_the_record_come_before_those_of_the_example() -> None:
    positions = MeasureMilestone.objects.values_list("is_example", "position")

    assert max(at for is_example, at in positions if not is_example) < min(
        at for is_example, at in positions if is_example
    )
    assert MeasureMilestone.objects.filter(is_example=True, done_on=None, due_on__lt=TODAY).exists()


def test_every_working_group_met_and_will_meet() -> None:
    for group in Body.objects.joinable():
        past = group.meetings.filter(ends_at__lt=NOW)
        assert past.filter(starts_at__gte=NOW - dt.timedelta(days=365)).count() == 2
        assert set(past.values_list("state", flat=True)) == {"held"}
        coming = group.meetings.get(starts_at__gt=NOW)
        assert coming.state == "planned"
        assert coming.is_public
        assert coming.agenda_items.count() == 3
        assert coming.starts_at < NOW + dt.timedelta(weeks=5)
        assert group.memberships.active().filter(role="chair").exists()
    assert not Meeting.objects.filter(body__kind="steering_group", is_public=True).exists()
    assert all(timezone.localtime(meeting.starts_at).weekday() < 5 for meeting in Meeting.objects.all())


def test_there_are_minutes_in_every_state() -> None:
    assert set(Minutes.objects.values_list("state", flat=True)) == set(Minutes.State.values)
    assert all(minutes.meeting.state == "held" for minutes in Minutes.objects.select_related("meeting"))
    assert all(minutes.public_content["items"] for minutes in Minutes.objects.filter(state="published"))


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
        ("E-2024-001", "done"),
        ("E-2024-002", "taken_up"),
        ("E-2025-001", "adopted"),
        ("E-2025-002", "rejected"),
        ("E-2026-001", "presented"),
        ("E-2026-002", "drafted"),
    ]
    assert all(row.addressees.exists() for row in Recommendation.objects.filter(is_example=True))
    assert Debate.objects.count() == 5
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
    assert "Beispiel" not in str([point["note"] for point in content["resolutions"][0]["points"]])
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


def test_people_without_an_account_are_possible() -> None:
    assert Person.objects.filter(is_example=True, user=None).exists()
