from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """What the page frame needs: whether this is a demonstration, and the public address."""
    return {"DEMO": settings.DEMO, "BASE_URL": settings.BASE_URL}
