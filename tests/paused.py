"""The worker's application, stopping at a step until it is killed: `celery -A tests.paused worker`.

`PAUSED_AT` is the number of the step, `PAUSED_FOR` the seconds; it has begun the step when it stops.
"""

import os
import time
from typing import Any

from celery.signals import worker_init

from luener_dialog.celery import app  # noqa: F401  (what Celery looks for)


@worker_init.connect
def pause(**_kwargs: Any) -> None:
    import django

    django.setup()
    from dialog.services import jobs

    begin = jobs.Run.step
    paused = []

    def begin_and_stop(run: jobs.Run, name: str) -> None:
        begin(run, name)
        if run.job.step == int(os.environ["PAUSED_AT"]) and not paused:
            paused.append(name)
            time.sleep(float(os.environ["PAUSED_FOR"]))

    jobs.Run.step = begin_and_stop  # type: ignore[method-assign]
