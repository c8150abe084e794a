"""What the worker does for the council side; each task only calls a service."""

from celery import shared_task
from django.utils import timezone

from measures.services import questions, reminders, report_cycle, reports


@shared_task
def yearly_report() -> None:
    reports.start_if_due(timezone.now())


@shared_task
def remind_of_report() -> None:
    report_cycle.remind(timezone.now())


@shared_task
def remind_of_news() -> None:
    reminders.send(timezone.now())


@shared_task
def forget_questions() -> None:
    questions.forget(timezone.now())
