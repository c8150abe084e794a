"""For whoever watches over the portal; says what is down and nothing else."""

import contextlib

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from luener_dialog.celery import app


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if database and broker answer, else 503 naming those that do not."""
    down = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        down.append("database")
    try:
        with app.connection_for_read(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except Exception:
        down.append("broker")
    with contextlib.suppress(Exception):
        connection.close_if_unusable_or_obsolete()
    return JsonResponse({"status": "down" if down else "ok", "down": down}, status=503 if down else 200)
