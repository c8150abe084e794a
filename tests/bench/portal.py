"""The portal as the bench runs it."""

import os


def start() -> None:
    """Sets Django up as in production, but for the names of static files, which would have to be collected first."""
    os.environ["DEBUG"] = "true"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luener_dialog.settings")

    import django
    from django.conf import settings

    django.setup()
    settings.DEBUG = False
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
