"""What the worker does for the council side; each task only calls a service."""

from celery import shared_task
from django.utils import timezone

from measures.services import reports


@shared_task
def yearly_report() -> None:
    reports.start_if_due(timezone.now())
