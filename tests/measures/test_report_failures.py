"""What becomes of the report when its worker, the database, the broker or the disk goes away while it is made."""

import contextlib
import datetime as dt
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from kombu import pools

from dialog.models import Document, JobRun
from dialog.services import jobs
from luener_dialog.celery import app
from measures import tasks
from measures.models import CouncilReport, Measure, ReportEdition
from measures.services import editions, reports
from tests import council
from tests.factories import MeasureFactory, berlin
from tests.worker import running, wait_until

AT = berlin(2010, 11, 20)

#: Collect, set, check, store.
STEPS = (1, 2, 3, 4)


@pytest.fixture
def shared_files(settings: Any) -> None:
    """The worker's files lie where the tests look for them."""
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"


def ready_to_freeze(planner: Any) -> JobRun:
    """A report after its consultation, and the job that freezes it."""
    MeasureFactory(title="Soziale Stadt Gahmen")
    report = council.consulted(reports.open_report(2009, by=None, at=timezone.now()), at=timezone.now())
    return editions.start_freezing(report, by=planner, at=timezone.now())


def frozen_once(job: JobRun, *, attempt: int) -> None:
    """The job has ended well, and there is one edition, whole, with its file; the draft's is gone."""
    job.refresh_from_db()
    assert (job.state, job.error, job.attempt) == ("done", "", attempt)
    report, edition = CouncilReport.objects.get(), ReportEdition.objects.get()
    assert report.state == "frozen"
    assert report.document == edition.document == job.document
    whole = Path(edition.document.file.path).read_bytes()
    Measure.objects.all().delete()
    assert editions.render(edition) == whole
    papers = Document.objects.exclude(pk__in=edition.parts.values("document"))
    assert list(papers) == [edition.document]


def reap() -> int:
    """A minute of silence, without waiting for it."""
    return jobs.reap(timezone.now() + jobs.STALE + dt.timedelta(seconds=1))


@pytest.mark.usefixtures("shared_files")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_is_followed_by_one_that_ends_the_work(step: int, planner: Any) -> None:
    with running("tests.paused", PAUSED_AT=str(step), PAUSED_FOR="600") as process:
        job = ready_to_freeze(planner)
        wait_until(lambda: JobRun.objects.get(pk=job.pk).step == step)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    assert JobRun.objects.get(pk=job.pk).state == "running"
    assert not ReportEdition.objects.exists()
    assert Document.objects.get() == CouncilReport.objects.get().document

    with running():
        reap()
        wait_until(lambda: not JobRun.objects.get(pk=job.pk).is_open)

    frozen_once(job, attempt=2)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is a file and has no connection to lose")
@pytest.mark.usefixtures("shared_files")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_a_database_gone_at_any_step_costs_one_attempt_or_is_told_in_words(step: int, planner: Any) -> None:
    """Cut off within a transaction, Django connects anew and the job can say so; else nobody hears of it."""
    with running("tests.paused", PAUSED_AT=str(step), PAUSED_FOR="3") as process:
        job = ready_to_freeze(planner)
        wait_until(lambda: JobRun.objects.get(pk=job.pk).step == step)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        threading.Event().wait(6)
        job.refresh_from_db()
        assert process.poll() is None
        assert not ReportEdition.objects.exists()
        if job.state == "failed":
            assert "Bitte starten Sie sie noch einmal" in job.error
            job = jobs.restart(job, by=planner, at=timezone.now())
            attempt = 1
        else:
            assert job.state == "running"
            reap()
            attempt = 2
        wait_until(lambda: not JobRun.objects.get(pk=job.pk).is_open)

    frozen_once(job, attempt=attempt)


@contextlib.contextmanager
def broker_gone() -> Iterator[None]:
    """The broker is at an address where nobody answers."""
    before = {name: app.conf[name] for name in ("broker_url", "broker_transport_options")}
    app.conf.update(broker_url="redis://127.0.0.1:1/0", broker_transport_options={})
    forget_connections()
    try:
        yield
    finally:
        app.conf.update(before)
        forget_connections()


def forget_connections() -> None:
    app.pool.force_close_all()
    pools.reset()
    app._pool = app.amqp._producer_pool = None


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_job_waits_and_is_done_when_it_is_back(planner: Any, client_of: Any) -> None:
    with broker_gone():
        answer = client_of(planner).post("/arbeitsbereich/berichte/", {"year": 2009})
    job = JobRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, job.get_absolute_url())
    assert "Wartet auf einen freien Platz" in client_of(planner).get(job.get_absolute_url()).content.decode()

    with running():
        assert reap() == 1
        wait_until(lambda: not JobRun.objects.get(pk=job.pk).is_open)

    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 1)
    assert CouncilReport.objects.get().document == job.document == Document.objects.get()


@pytest.mark.django_db(transaction=True)
def test_clicks_and_schedule_at_the_same_moment_make_one_report(planner: Any, settings: Any) -> None:
    now = timezone.now()
    settings.REPORT_SCHEDULE = timezone.localdate(now).strftime("%m-%d")
    year = reports.year_due(timezone.localdate(now))
    barrier, errors = threading.Barrier(4, timeout=20), []

    def at_once(work: Any) -> None:
        try:
            barrier.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def click() -> None:
        reports.start(year, by=planner, at=now)

    threads = [threading.Thread(target=at_once, args=[work]) for work in (click, click, click, tasks.yearly_report)]
    with running():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert errors == []
        wait_until(lambda: not JobRun.objects.open().exists())

    job = JobRun.objects.get()
    assert (job.state, job.attempt) == ("done", 1)
    assert CouncilReport.objects.get().document == job.document == Document.objects.get()


@pytest.fixture
def small_disk(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 kB for the files; only who may mount one can run this."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", folder], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("mounting a small disk needs root")
    settings.MEDIA_ROOT = folder
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.django_db
def test_a_disk_that_gets_full_keeps_no_half_file_and_the_report_stays_as_it_was(
    planner: Any, small_disk: Path, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "roomy"
    report = council.consulted(reports.open_report(2010, by=None, at=AT), at=AT)
    draft, content = report.document, report.content
    settings.MEDIA_ROOT = small_disk
    job = editions.start_freezing(report, by=planner, at=AT)

    jobs.run(job.pk)

    job.refresh_from_db()
    assert job.state == "failed"
    assert "vielleicht ist der Speicher voll" in job.error
    assert [path for path in small_disk.rglob("*") if path.is_file()] == []
    report = CouncilReport.objects.get()
    assert (report.state, report.document, report.content) == ("consultation", draft, content)
    assert Document.objects.get() == draft
    assert not ReportEdition.objects.exists()

    settings.MEDIA_ROOT = tmp_path / "roomy"
    again = editions.start_freezing(report, by=planner, at=AT)
    jobs.run(again.pk)
    frozen_once(again, attempt=1)
