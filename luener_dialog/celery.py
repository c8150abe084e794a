"""Background work. The schedule is static and versioned here; what is scheduled decides itself whether it is due."""

import os

from celery import Celery
from celery.schedules import crontab

from . import broker  # noqa: F401  (makes the folder known)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luener_dialog.settings")

app = Celery("luener_dialog")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "reap stale jobs": {"task": "dialog.tasks.reap_jobs", "schedule": 30.0},
    "send queued mail": {"task": "dialog.tasks.send_mail", "schedule": 60.0},
    "remind of tasks": {"task": "dialog.tasks.remind_of_tasks", "schedule": crontab(hour=7, minute=0)},
    "clean old mail": {"task": "dialog.tasks.clean_mail", "schedule": crontab(hour=3, minute=10)},
    "forget devices": {"task": "dialog.tasks.forget_devices", "schedule": crontab(hour=3, minute=30)},
    "invite latecomers": {"task": "dialog.tasks.invite_latecomers", "schedule": crontab(minute=20)},
    "remind of meetings": {"task": "dialog.tasks.remind_of_meetings", "schedule": crontab(hour=8, minute=0)},
    "digests": {"task": "dialog.tasks.send_digests", "schedule": crontab(hour=6, minute=30)},
    "expire invitations": {"task": "dialog.tasks.expire_body_invitations", "schedule": crontab(hour=4, minute=0)},
    "forget barriers": {"task": "dialog.tasks.forget_barriers", "schedule": crontab(hour=3, minute=20)},
    "forget questions": {"task": "measures.tasks.forget_questions", "schedule": crontab(hour=3, minute=30)},
    "yearly report": {"task": "measures.tasks.yearly_report", "schedule": crontab(hour=6, minute=0)},
    "reminders of news": {"task": "measures.tasks.remind_of_news", "schedule": crontab(hour=7, minute=30)},
    "reminders of the report": {"task": "measures.tasks.remind_of_report", "schedule": crontab(hour=7, minute=0)},
}
