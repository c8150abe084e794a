"""Settings, all by environment; `.env.example` describes the variables.

A malformed value stops the start with the variable's name and what it expects.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, EnvValidationError, validate

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env(eager=False)
env.read_env(str(BASE_DIR / ".env"), override=False)


def _month_day(value: str) -> str:
    if value and not re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", value):
        raise EnvValidationError("a day of the year as MM-DD, for example 10-31", [])
    return value


def _url(value: str) -> bool:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise EnvValidationError("an address with http:// or https://", [])
    return True


def _tiles(value: str) -> str:
    if value and not (value.startswith("https://") and all(part in value for part in ("{z}", "{x}", "{y}"))):
        raise EnvValidationError("an address with https:// and {z}, {x} and {y}, or nothing for no map", [])
    return value


# ── what kind of place this is ──────────────────────────────────────────────────────────────────────────
DEVELOPMENT = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
#: The demo shows what a city would show, also where something is not found.
DEBUG = DEVELOPMENT and not DEMO
SECRET_KEY = env.str("SECRET_KEY", "")
BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000", validate=_url)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
TRUST_PROXY = env.bool("TRUST_PROXY", False)
TESTING = "pytest" in sys.modules
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var")) or BASE_DIR / "var").resolve()
if TESTING:
    # Tests and the worker they start have a place of their own beside a running portal, and beside each other.
    TEST_PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "")
    DATA_DIR = DATA_DIR / "tests" / TEST_PROCESS
#: What the set-up makes of the npm packages; belongs to the checkout, not to the data.
ASSETS_DIR = BASE_DIR / "var" / "static"
LOG_LEVEL = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]))
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", not DEMO)
REDIS_URL = env.str("REDIS_URL", "")
if TESTING and REDIS_URL and TEST_PROCESS:
    # Redis has numbered databases: the first process of the tests takes the given one, the others those below.
    server, _, number = REDIS_URL.rpartition("/")
    REDIS_URL = f"{server}/{int(number) - int(TEST_PROCESS.removeprefix('gw'))}"
DATABASE = env.dj_db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}", conn_max_age=60)
EMAIL = env.dj_email_url("EMAIL_URL", "smtp://localhost:25")
EMAIL_IN_FILES = DEVELOPMENT and not env.str("EMAIL_URL", "")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Lüner Dialog <dialog@example.org>")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", "kontakt@example.org")
MAINTENANCE = env.bool("MAINTENANCE", False)
UPLOAD_MAX_MB = env.int("UPLOAD_MAX_MB", 20, validate=validate.Range(min=1, max=500))
REPORT_CUTOFF = env.str("REPORT_CUTOFF", "10-31", validate=_month_day)
#: Whether the planning group looks at news of measures before they are public.
PROGRESS_CHECKED = env.bool("PROGRESS_CHECKED", False)
REPORT_SCHEDULE = env.str("REPORT_SCHEDULE", "", validate=_month_day)
#: Pictures of the map; nothing means no map. The default is the web map of the German administrations in colour.
MAP_TILE_URL = env.str(
    "MAP_TILE_URL",
    "https://sgx.geodatenzentrum.de/wmts_basemapde/tile/1.0.0/de_basemapde_web_raster_farbe"
    "/default/GLOBAL_WEBMERCATOR/{z}/{y}/{x}.png",
    validate=_tiles,
)
#: Whom the map names as its source; `{year}` is the current one.
MAP_ATTRIBUTION = env.str("MAP_ATTRIBUTION", "© basemap.de / BKG ({year}), CC BY 4.0")

try:
    env.seal()
except EnvError as problems:
    raise ImproperlyConfigured(f"A setting in the environment is malformed: {problems}") from None
if not SECRET_KEY:
    if not DEVELOPMENT:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing: set a long random value, for example from `openssl rand -base64 48`."
        )
    SECRET_KEY = "development only, never in production"  # noqa: S105
DATA_DIR.mkdir(parents=True, exist_ok=True)
HTTPS = BASE_URL.startswith("https://")

# ── applications ────────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "luener_dialog",
    "measures",
    "conferences",
    "dialog",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_fsm",
    "django_htmx",
    "post_office",
    "rules",
    "simple_history",
    "template_partials",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.sitemaps",
    "luener_dialog.apps.StaticFiles",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dialog.middleware.maintenance",
    "dialog.middleware.search_engines",
    # Whoever has a page already is told so instead of getting it again; compared is what they would get.
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "dialog.middleware.request_size",
    "dialog.middleware.own_language",
    "dialog.middleware.second_factor",
    "dialog.middleware.UnlawfulSteps",
]
ROOT_URLCONF = "luener_dialog.urls"
WSGI_APPLICATION = "luener_dialog.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "luener_dialog.context.portal",
            ],
            "builtins": ["dialog.templatetags.dialog", "template_partials.templatetags.partials"],
        },
    }
]
FORM_RENDERER = "dialog.forms.rendering.FormRenderer"

# ── data ────────────────────────────────────────────────────────────────────────────────────────────────
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write waits for its turn at the start instead of failing in the middle.
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The file is mapped into memory: the own page cache (2 MB) is smaller than the measures of a city.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456;",
    }
    # A file, so that a worker process can share the test database.
    DATABASE["TEST"] = {"NAME": str(DATA_DIR / "db.sqlite3")}
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "luener-dialog",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# ── static files ────────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "staticfiles"
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
# Files of the set-up may not be there yet when only a command runs.
if (KERN_DIR := BASE_DIR / "node_modules/@kern-ux/native/dist").is_dir():
    STATICFILES_DIRS.append(("kern", KERN_DIR))
if (LEAFLET_DIR := BASE_DIR / "node_modules/leaflet/dist").is_dir():
    STATICFILES_DIRS.append(("leaflet", LEAFLET_DIR))
if ASSETS_DIR.is_dir():
    STATICFILES_DIRS.append(ASSETS_DIR)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT or TESTING

# ── people ──────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "dialog.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_page"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_FORM_CLASS = "dialog.forms.accounts.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_ADAPTER = "dialog.accounts.AccountAdapter"
# Behind a proxy all requests come from it: limits on attempts must count by the address it reports.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if TRUST_PROXY else 0
ACCOUNT_FORMS = {"login": "dialog.forms.login.LoginForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lüner Dialog"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────
EMAIL_BACKEND = "post_office.EmailBackend"
EMAIL_HOST = EMAIL["EMAIL_HOST"]
EMAIL_PORT = EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = DATA_DIR / "mails"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
POST_OFFICE = {
    "BACKENDS": {
        "default": "django.core.mail.backends.filebased.EmailBackend"
        if EMAIL_IN_FILES or TESTING
        else "django.core.mail.backends.smtp.EmailBackend"
    },
    "DEFAULT_PRIORITY": "medium",
    "MESSAGE_ID_ENABLED": True,
    "MESSAGE_ID_FQDN": urlsplit(BASE_URL).hostname,
    "MAX_RETRIES": 5,
}

# ── work in the background ──────────────────────────────────────────────────────────────────────────────
CELERY_BROKER_URL = REDIS_URL or "folder://localhost"
if not REDIS_URL:
    for folder in ("queue", "processed"):
        (DATA_DIR / "broker" / folder).mkdir(parents=True, exist_ok=True)
CELERY_BROKER_TRANSPORT_OPTIONS = (
    # Longer than the longest task, or Redis would hand it out a second time.
    {"visibility_timeout": 3600}
    if REDIS_URL
    else {
        "data_folder_in": str(DATA_DIR / "broker/queue"),
        "data_folder_out": str(DATA_DIR / "broker/queue"),
        "control_folder": str(DATA_DIR / "broker"),
        "processed_folder": str(DATA_DIR / "broker/processed"),
        "polling_interval": 0.05,
    }
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/Berlin"

# ── language and time ───────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

# ── safety ──────────────────────────────────────────────────────────────────────────────────────────────
if DEVELOPMENT and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
if not DEVELOPMENT and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_SSL_REDIRECT = HTTPS
# The health checks are asked inside the network, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "sitzung"
CSRF_COOKIE_NAME = "formular"
CSRF_FAILURE_VIEW = "luener_dialog.views.errors.form_expired"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # KERN's icons are data: addresses.
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {"pikepdf": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}, "fontTools": {"level": "ERROR"}},
}
