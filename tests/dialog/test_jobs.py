"""Jobs: one for two clicks, and an end whatever happens to the worker."""

import datetime as dt
import os
import re
import signal
import threading

import pytest
from django.db import connection
from django.utils import timezone

from dialog.models import Document, JobRun
from dialog.services import documents, jobs
from measures.models import CouncilReport
from measures.services import reports
from tests.factories import JobRunFactory, berlin
from tests.worker import running, wait_until

AT = berlin(2026, 3, 2)


def _paper(run: jobs.Run) -> Document:
    return documents.store(
        b"%PDF-1.7",
        filename="ergebnis.pdf",
        title="Ergebnis",
        content_type="application/pdf",
        is_public=False,
        by=None,
        at=AT,
    )


@pytest.fixture
def kind(monkeypatch):
    """A kind of job that makes one document in two steps."""

    def work(run: jobs.Run) -> None:
        run.plan(2)
        run.step("erster")
        run.step("zweiter")
        with run.finishing(result_url="/fertig/"):
            run.job.document = _paper(run)

    monkeypatch.setitem(jobs._handlers, "paper", work)
    return "paper"


def start(kind: str, owner=None, key: str = "paper:1") -> JobRun:
    return jobs.start(kind, key=key, title="Ein Papier", owner=owner, at=timezone.now())


def test_a_job_runs_to_its_end(db, kind):
    job = start(kind)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.percent, job.result_url, job.error) == ("done", 100, "/fertig/", "")
    assert job.document == Document.objects.get()


def test_a_double_click_starts_one_job(db, kind):
    assert start(kind) == start(kind)
    assert start(kind, key="paper:2") != start(kind)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_start_one_job(kind):
    barrier = threading.Barrier(4, timeout=20)
    started: list[int] = []

    def click() -> None:
        try:
            barrier.wait()
            started.append(start(kind).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(started) == 4
    assert len(set(started)) == JobRun.objects.count() == 1


def test_after_its_end_the_same_work_can_be_started_again(db, kind):
    first = start(kind)
    jobs.run(first.pk)
    assert start(kind) != first


def test_a_doubled_message_does_the_work_once(db, kind):
    job = start(kind)
    jobs.run(job.pk)
    jobs.run(job.pk)
    assert Document.objects.count() == 1


def test_an_error_is_told_in_words(db, monkeypatch, caplog):
    def broken(run: jobs.Run) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(jobs._handlers, "broken", broken)
    job = start("broken")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "secret detail" not in job.error
    assert "Nummer dieses Auftrags" in job.error
    assert "secret detail" in caplog.text


def test_a_refusal_is_told_as_it_is(db, monkeypatch):
    def refuses(run: jobs.Run) -> None:
        raise jobs.Refused("Das Jahr liegt in der Zukunft.")

    monkeypatch.setitem(jobs._handlers, "refuses", refuses)
    job = start("refuses")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "Das Jahr liegt in der Zukunft.")


def test_what_fails_in_the_end_leaves_nothing_behind(db, monkeypatch):
    def fails_late(run: jobs.Run) -> None:
        run.plan(1)
        with run.finishing():
            run.job.document = _paper(run)
            raise OSError("no space left on device")

    monkeypatch.setitem(jobs._handlers, "fails late", fails_late)
    job = start("fails late")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.document) == ("failed", None)
    assert not Document.objects.exists()


def test_a_silent_job_is_started_again_and_the_old_attempt_stores_nothing(db, kind):
    """The first attempt hangs, the reaper starts a second one, and then the first one wakes up."""
    job = start(kind)
    first = jobs.Run(jobs._claim(job.pk, timezone.now()))
    later = timezone.now() + jobs.STALE + dt.timedelta(seconds=1)
    assert jobs.reap(later) == 1
    jobs.run(job.pk, now=later)
    with pytest.raises(jobs.Superseded), first.finishing():
        _paper(first)
    assert Document.objects.count() == 1
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 2)


def test_the_reaper_leaves_the_living_alone(db, kind):
    job = start(kind)
    jobs._claim(job.pk, timezone.now())
    assert jobs.reap(timezone.now() + jobs.STALE / 2) == 0


def test_after_three_silent_attempts_the_reaper_gives_up(db, kind):
    job = start(kind)
    now = timezone.now()
    for attempt in range(jobs.MAX_ATTEMPTS):
        assert jobs._claim(job.pk, now).attempt == attempt + 1
        now += jobs.STALE + dt.timedelta(seconds=1)
        jobs.reap(now)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error


def test_only_owner_and_planning_group_see_a_job(client_of, users, kind):
    job = start(kind, owner=users["member"])
    answers = {role: client_of(user).get(job.get_absolute_url()).status_code for role, user in users.items()}
    assert answers == {
        "anonymous": 302,
        "citizen": 404,
        "applicant": 404,
        "member": 200,
        "chair": 404,
        "planner": 200,
        "lead_contact": 404,
        "operator": 200,
    }


def test_the_page_asks_again_while_the_job_runs_and_stops_when_it_is_done(client_of, planner, kind):
    job = start(kind, owner=planner)
    browser = client_of(planner)
    page = browser.get(job.get_absolute_url())
    assert b'hx-trigger="every 2s"' in page.content
    fragment = browser.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert b"<html" not in fragment.content
    assert b"<progress" in fragment.content
    known = re.search(r'hx-get="([^"]+)"', fragment.content.decode()).group(1)
    assert browser.get(known, headers={"HX-Request": "true"}).status_code == 204
    jobs.run(job.pk)
    done = browser.get(known, headers={"HX-Request": "true"})
    assert b"hx-trigger" not in done.content
    assert b"/fertig/" in done.content


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_does_not_lose_the_job(planner):
    """kill -9 while the report is being made: the reaper hands it to the next worker, and it ends once."""
    with running() as process:
        job = reports.start(2009, by=planner, at=timezone.now())
        wait_until(lambda: JobRun.objects.get(pk=job.pk).step > 0)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    job.refresh_from_db()
    assert job.state == "running"
    with running():
        # A minute of silence, without waiting for it.
        jobs.reap(timezone.now() + jobs.STALE + dt.timedelta(seconds=1))
        wait_until(lambda: JobRun.objects.get(pk=job.pk).state == "done", seconds=90)
    job.refresh_from_db()
    assert job.attempt == 2
    assert CouncilReport.objects.get().document == job.document
    assert Document.objects.count() == 1


def test_the_workspace_shows_the_jobs_of_the_last_days(read, planner):
    now = timezone.now()
    for title, days in (("Bericht von heute", 0), ("Bericht vom Vorjahr", 360)):
        JobRunFactory(owner=planner, title=title, created_at=now - dt.timedelta(days=days))
    page = read("planner", "/arbeitsbereich/")
    assert "Bericht von heute" in page
    assert "Bericht vom Vorjahr" not in page


# ── how long it will take ───────────────────────────────────────────────────────────────────────────────


def test_the_page_says_how_long_it_will_take_from_how_long_it_took(client_of, planner, kind):
    for seconds in (20, 30, 200):
        JobRun.objects.create(
            kind=kind,
            key=f"paper:{seconds}",
            title="Ein Papier",
            state="done",
            created_at=AT,
            heartbeat_at=AT,
            started_at=AT,
            finished_at=AT + dt.timedelta(seconds=seconds),
        )
    job = start(kind, owner=planner)
    now = timezone.now()

    jobs._claim(job.pk, now - dt.timedelta(seconds=10))

    job.refresh_from_db()
    assert job.expected_seconds == 30
    assert [job.seconds_left(now + dt.timedelta(seconds=more)) for more in (0, 5, 90)] == [20, 15, 0]
    page = client_of(planner).get(job.get_absolute_url()).content.decode()
    assert re.search(r"Noch etwa (20|19|18) Sekunden\.", page)


@pytest.mark.parametrize(
    ("left", "words"),
    [(1, "Noch etwa eine Sekunde."), (90, "90 Sekunden."), (150, "2 Minuten."), (-5, "etwas länger als sonst")],
)
def test_the_time_left_reads_as_people_say_it(client_of, planner, kind, left, words):
    job = start(kind, owner=planner)
    jobs._claim(job.pk, timezone.now())
    JobRun.objects.update(
        expected_seconds=1000, started_at=timezone.now() - dt.timedelta(seconds=1000) + dt.timedelta(seconds=left + 0.4)
    )
    assert words in client_of(planner).get(job.get_absolute_url()).content.decode()


def test_without_an_earlier_job_no_time_is_guessed(client_of, planner, kind):
    job = start(kind, owner=planner)
    jobs._claim(job.pk, timezone.now())
    job.refresh_from_db()
    assert job.expected_seconds is None
    assert "Noch etwa" not in client_of(planner).get(job.get_absolute_url()).content.decode()
