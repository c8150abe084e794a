"""Long work. The job's row is the truth; a message to the worker only says that there is something to do.

So a lost message, a killed worker or a doubled message do no harm: `reap` starts again what has gone silent,
an attempt works only after it has claimed the row, and only the attempt that holds the row may finish it.
"""

import contextlib
import datetime as dt
import logging
import statistics
import threading
from collections.abc import Callable, Iterator
from typing import Any

from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dialog.models import Document, JobRun, User

log = logging.getLogger(__name__)

HEARTBEAT = dt.timedelta(seconds=10)
#: A running job that was silent for so long is taken to be dead; a waiting one to have lost its message.
STALE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 3
#: So many of the last jobs of a kind tell how long one usually takes.
REMEMBERED = 5

Handler = Callable[["Run"], None]
_handlers: dict[str, Handler] = {}


class Superseded(Exception):
    """Another attempt has taken the job over; this one must end without a trace."""


class Refused(Exception):
    """The work cannot be done, and trying again would not help. Its text is for the person who waits."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Registers the function that does jobs of `kind`; it gets the `Run`."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def start(
    kind: str,
    *,
    key: str,
    title: str,
    owner: User | None,
    at: dt.datetime,
    parameters: dict[str, Any] | None = None,
) -> JobRun:
    """The open job with this idempotency key; if there is none, a new one, handed to the worker after the commit."""
    if kind not in _handlers:
        raise KeyError(kind)
    for _attempt in range(2):
        if found := JobRun.objects.open().filter(key=key).first():
            return found
        with contextlib.suppress(IntegrityError), transaction.atomic():
            job = JobRun.objects.create(
                kind=kind,
                key=key,
                title=title,
                owner=owner,
                parameters=parameters or {},
                created_at=at,
                heartbeat_at=at,
            )
            _enqueue(job.pk)
            return job
    # Somebody else's job with this key ended between the two looks; theirs is the result.
    return JobRun.objects.filter(key=key).latest("created_at")


def _enqueue(pk: int) -> None:
    # Robust: if the broker is down, the job waits for the reaper, and nobody sees an error page.
    transaction.on_commit(lambda: current_app.send_task("dialog.tasks.run_job", [pk]), robust=True)


class Run:
    """One attempt at a job, in the hands of its handler."""

    def __init__(self, job: JobRun) -> None:
        self.job = job
        self.parameters: dict[str, Any] = job.parameters

    def _update(self, **values: Any) -> None:
        held = JobRun.objects.filter(pk=self.job.pk, state=JobRun.State.RUNNING, attempt=self.job.attempt)
        if not held.update(**values):
            raise Superseded
        for name, value in values.items():
            setattr(self.job, name, value)

    def plan(self, steps: int) -> None:
        """How many steps the work has."""
        self._update(steps=steps, step=0)

    def step(self, name: str) -> None:
        """The next step begins; `name` says what happens, to the person who waits. Raises Superseded."""
        self._update(step=self.job.step + 1, step_name=name, heartbeat_at=timezone.now())

    @contextlib.contextmanager
    def finishing(self, *, result_url: str = "", at: dt.datetime | None = None) -> Iterator[None]:
        """What is stored inside this block is stored together with the job's end, or not at all. Raises Superseded.

        A document made inside the block is set as the job's by `run.job.document = ...`.
        """
        with transaction.atomic():
            # Taken first: it locks the row, so that two attempts cannot both store.
            self._update(heartbeat_at=timezone.now())
            yield
            document: Document | None = self.job.document
            self._update(
                state=JobRun.State.DONE,
                finished_at=at or timezone.now(),
                result_url=result_url,
                document=document,
                step=self.job.steps,
                step_name="",
            )


def _claim(pk: int, now: dt.datetime) -> JobRun | None:
    claimed = JobRun.objects.filter(pk=pk, state=JobRun.State.WAITING).update(
        state=JobRun.State.RUNNING, attempt=F("attempt") + 1, step=0, step_name="", heartbeat_at=now, started_at=now
    )
    if not claimed:
        return None
    job = JobRun.objects.get(pk=pk)
    job.expected_seconds = _usual_seconds(job.kind)
    job.save(update_fields=["expected_seconds"])
    return job


def _usual_seconds(kind: str) -> int | None:
    """How long the last jobs of `kind` took; None if none has ended well yet."""
    last = JobRun.objects.filter(kind=kind, state=JobRun.State.DONE, started_at__isnull=False).order_by("-finished_at")
    times = [
        (job.finished_at - job.started_at).total_seconds()
        for job in last[:REMEMBERED]
        if job.finished_at and job.started_at
    ]
    return max(1, round(statistics.median(times))) if times else None


@contextlib.contextmanager
def _heartbeat(run: Run) -> Iterator[None]:
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(HEARTBEAT.total_seconds()):
                try:
                    JobRun.objects.filter(pk=run.job.pk, state=JobRun.State.RUNNING, attempt=run.job.attempt).update(
                        heartbeat_at=timezone.now()
                    )
                except DatabaseError:
                    # The database was away for a moment: the next beat takes a new connection.
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, daemon=True, name=f"heartbeat of job {run.job.pk}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def run(pk: int, now: dt.datetime | None = None) -> None:
    """Does the job `pk` if it waits for somebody to do it; does nothing if another attempt has it or it has ended."""
    job = _claim(pk, now or timezone.now())
    if job is None:
        return
    attempt = Run(job)
    try:
        with _heartbeat(attempt):
            _handlers[job.kind](attempt)
    except Superseded:
        log.warning("Job %s: attempt %s was taken over.", pk, job.attempt)
    except Refused as refusal:
        _fail(job, str(refusal))
    except Exception:
        log.exception("Job %s failed in attempt %s.", pk, job.attempt)
        _fail(
            job,
            _(
                "Die Arbeit wurde durch einen Fehler abgebrochen. Bitte starten Sie sie noch einmal. Wenn das nicht "
                "hilft, nennen Sie dem Betrieb die Nummer dieses Auftrags."
            ),
        )


def _fail(job: JobRun, error: str) -> None:
    JobRun.objects.filter(pk=job.pk, state=JobRun.State.RUNNING, attempt=job.attempt).update(
        state=JobRun.State.FAILED, error=error, finished_at=timezone.now()
    )


def restart(job: JobRun, *, by: User, at: dt.datetime) -> JobRun:
    """The same work once more, as a new job (or the open one with its key). PermissionDenied if `by` may not."""
    if not by.has_perm("dialog.restart_job", job):
        raise PermissionDenied
    if job.is_open:
        return job
    return start(job.kind, key=job.key, title=job.title, owner=by, parameters=job.parameters, at=at)


def reap(now: dt.datetime) -> int:
    """Starts again what has gone silent, gives up after `MAX_ATTEMPTS`; returns how many rows it touched."""
    silent = Q(heartbeat_at__lt=now - STALE)
    given_up = JobRun.objects.filter(silent, state=JobRun.State.RUNNING, attempt__gte=MAX_ATTEMPTS).update(
        state=JobRun.State.FAILED,
        finished_at=now,
        error=_("Die Arbeit ist mehrmals ohne Ergebnis stehen geblieben. Bitte melden Sie sich beim Betrieb."),
    )
    again = list(JobRun.objects.open().filter(silent).values_list("pk", flat=True))
    started = 0
    for pk in again:
        if JobRun.objects.open().filter(silent, pk=pk).update(state=JobRun.State.WAITING, heartbeat_at=now):
            _enqueue(pk)
            started += 1
    return given_up + started
