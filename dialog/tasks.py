"""What the worker does for the ground floor; each task only calls a service."""

from celery import shared_task
from django.utils import timezone

from dialog.services import (
    assignments,
    barriers,
    body_invitations,
    digests,
    jobs,
    mails,
    meeting_invitations,
    own_data,
)


@shared_task
def run_job(pk: int) -> None:
    jobs.run(pk)


@shared_task
def reap_jobs() -> None:
    jobs.reap(timezone.now())


@shared_task
def send_mail() -> None:
    mails.deliver()


@shared_task
def clean_mail() -> None:
    mails.clean(timezone.now())


@shared_task
def invite_latecomers() -> None:
    meeting_invitations.catch_up(timezone.now())


@shared_task
def remind_of_meetings() -> None:
    meeting_invitations.remind_due(timezone.now())


@shared_task
def send_digests() -> None:
    digests.send(timezone.now())


@shared_task
def expire_body_invitations() -> None:
    body_invitations.expire(timezone.now())


@shared_task
def forget_barriers() -> None:
    barriers.forget(timezone.now())


@shared_task
def remind_of_tasks() -> None:
    assignments.remind(timezone.now())


@shared_task
def forget_devices() -> None:
    own_data.forget_devices(timezone.now())
