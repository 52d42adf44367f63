"""All settings of TradeWatch, from the environment and `.env` (see `.env.example` and docs/configuration.md)."""

import os
import socket
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from tradewatch.core.env import read_options
from tradewatch.core.secret_key import load_or_create_secret_key
from tradewatch.dashboard.admin_theme import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

options = read_options(Path(os.environ.get("TRADEWATCH_DOTENV", BASE_DIR / ".env")), dict(os.environ))

# --- where it runs ------------------------------------------------------------------------------------------
HOST = options.text("HOST", default="127.0.0.1")
PORT = options.number("PORT", default=8000, at_least=1, at_most=65535)
HOME = options.path("TRADEWATCH_HOME", default=BASE_DIR / "var")
PUBLIC_URL = options.url("TRADEWATCH_URL", default=f"http://{HOST}:{PORT}", schemes=("http", "https")).rstrip("/")
DEBUG = options.flag("TRADEWATCH_DEBUG", default=False)
ALLOWED_HOSTS = options.names_list("TRADEWATCH_ALLOWED_HOSTS", default="*")
CSRF_TRUSTED_ORIGINS = [
    *options.names_list("TRADEWATCH_TRUSTED_ORIGINS"),
    "{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_URL)),  # a proxy that ends TLS may not say so
]
TRUSTED_PROXIES = options.networks("TRADEWATCH_TRUSTED_PROXIES")
OUTBOUND_ALLOWED_NETWORKS = options.networks("TRADEWATCH_OUTBOUND_ALLOW")
HOME.mkdir(parents=True, exist_ok=True)
(HOME / "static").mkdir(exist_ok=True)
SECRET_KEY = options.secret("TRADEWATCH_SECRET_KEY") or load_or_create_secret_key(HOME)
SECRET_KEY_FALLBACKS = options.names_list("TRADEWATCH_SECRET_KEY_FALLBACKS")
ADMIN_PASSWORD = options.secret("TRADEWATCH_ADMIN_PASSWORD")
REQUIRE_TWO_FACTOR = options.flag("TRADEWATCH_REQUIRE_TWO_FACTOR", default=False)
ADMIN_EMAIL = options.text("TRADEWATCH_ADMIN_EMAIL", default="admin@localhost")
LOG_LEVEL = options.text(
    "TRADEWATCH_LOG_LEVEL", default="INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
)

# --- storage: SQLite and one machine, unless these two say otherwise ----------------------------------------
DATABASE_URL = options.url("DATABASE_URL", schemes=("postgres", "postgresql", "sqlite"))
REDIS_URL = options.url("REDIS_URL", schemes=("redis", "rediss", "unix"))
DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL or f"sqlite:///{HOME / 'tradewatch.sqlite3'}")}
IS_POSTGRES = DATABASES["default"]["ENGINE"].endswith("postgresql")
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",  # DEFERRED gave "database is locked" when a reader turned writer
    "init_command": (  # what the file itself remembers is told in core/sqlite_files
        "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000; PRAGMA journal_size_limit=67108864; "
        "PRAGMA wal_autocheckpoint=4000"
    ),
}
OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
OPTIONS |= {"pool": {"min_size": 1, "max_size": 8}} if IS_POSTGRES else SQLITE_OPTIONS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INBOX_PATH = HOME / "inbox.sqlite3"

# --- Sentry variables of the seed (docs/configuration.md says which take effect today) ----------------------
SENTRY_DSN = options.dsn("SENTRY_DSN")
SENTRY_TRACES_SAMPLE_RATE = options.ratio("SENTRY_TRACES_SAMPLE_RATE", default=0.2)
SENTRY_PROFILES_SAMPLE_RATE = options.ratio("SENTRY_PROFILES_SAMPLE_RATE", default=0.1)
SENTRY_ENABLE_PERFORMANCE_MONITORING = options.flag("SENTRY_ENABLE_PERFORMANCE_MONITORING", default=True)
SENTRY_ENABLE_SESSION_REPLAY = options.flag("SENTRY_ENABLE_SESSION_REPLAY", default=False)
SENTRY_ENVIRONMENT = options.text("SENTRY_ENVIRONMENT", default="production")
SENTRY_ENABLE_ERROR_CLASSIFICATION = options.flag("SENTRY_ENABLE_ERROR_CLASSIFICATION", default=True)
SENTRY_ALERT_ON_CRITICAL_ERRORS = options.flag("SENTRY_ALERT_ON_CRITICAL_ERRORS", default=True)
SENTRY_ALERT_ON_ERROR_RATE_INCREASE = options.flag("SENTRY_ALERT_ON_ERROR_RATE_INCREASE", default=True)
SENTRY_ERROR_RATE_THRESHOLD = options.ratio("SENTRY_ERROR_RATE_THRESHOLD", default=0.1)
SENTRY_ENABLE_CUSTOM_METRICS = options.flag("SENTRY_ENABLE_CUSTOM_METRICS", default=True)
SENTRY_METRICS_FLUSH_INTERVAL = options.number("SENTRY_METRICS_FLUSH_INTERVAL", default=60, at_least=1)
WATCH_OWN_HOST = options.flag("TRADEWATCH_WATCH_OWN_HOST", default=True)

RELAY_SPOOL_BYTES = options.number("TRADEWATCH_RELAY_SPOOL_MB", default=512, at_least=1) << 20

# --- ingest limits (spec: 20 MiB compressed, 100 MiB decompressed, 1 MiB an item, ...) ----------------------
MIB = 1024 * 1024
INGEST_MAX_COMPRESSED_BYTES = options.number("TRADEWATCH_MAX_COMPRESSED_BYTES", default=20 * MIB, at_least=1024)
INGEST_MAX_ENVELOPE_BYTES = options.number("TRADEWATCH_MAX_ENVELOPE_BYTES", default=100 * MIB, at_least=1024)
INGEST_MAX_ITEM_BYTES = options.number("TRADEWATCH_MAX_ITEM_BYTES", default=MIB, at_least=1024)
INGEST_MAX_ATTACHMENT_BYTES = options.number("TRADEWATCH_MAX_ATTACHMENT_BYTES", default=100 * MIB, at_least=1024)
INGEST_MAX_HEADER_BYTES = options.number("TRADEWATCH_MAX_HEADER_BYTES", default=8192, at_least=256)
INGEST_MAX_TAGS = options.number("TRADEWATCH_MAX_TAGS", default=100, at_least=1)
METRIC_SERIES_AN_HOUR = options.number("TRADEWATCH_METRIC_SERIES_AN_HOUR", default=1000, at_least=10, at_most=20_000)
INGEST_BODY_TIMEOUT_SECONDS = options.number("TRADEWATCH_BODY_TIMEOUT_SECONDS", default=30, at_least=1)
INGEST_MAX_LARGE_BODIES = options.number("TRADEWATCH_MAX_LARGE_BODIES", default=16, at_least=1)

# --- bodies of all other requests, but sentry-cli's uploads, which have limits of their own ------------------
PAGE_MAX_BYTES = options.number("TRADEWATCH_MAX_PAGE_BYTES", default=6 * MIB, at_least=MIB)

# --- how long things are kept -------------------------------------------------------------------------------
EVENT_RETENTION = timedelta(days=options.number("TRADEWATCH_EVENT_RETENTION_DAYS", default=90, at_least=1))
EVENT_BUDGET_MB = options.number("TRADEWATCH_EVENT_BUDGET_MB", default=0)  # of documents, as stored; 0: no limit
TRACE_RETENTION = timedelta(days=options.number("TRADEWATCH_TRACE_RETENTION_DAYS", default=30, at_least=1))
TRACES_AN_HOUR = options.number("TRADEWATCH_TRACES_AN_HOUR", default=1000, at_least=0)
KEPT_ITEM_RETENTION = timedelta(days=options.number("TRADEWATCH_KEPT_ITEM_RETENTION_DAYS", default=30, at_least=1))
DEAD_LETTER_RETENTION = timedelta(days=options.number("TRADEWATCH_DEAD_LETTER_RETENTION_DAYS", default=14, at_least=1))
LOG_RETENTION = timedelta(days=options.number("TRADEWATCH_LOG_RETENTION_DAYS", default=30, at_least=1))
METRIC_MINUTE_RETENTION = timedelta(
    days=options.number("TRADEWATCH_METRIC_MINUTE_RETENTION_DAYS", default=30, at_least=1)
)
METRIC_RETENTION = timedelta(days=options.number("TRADEWATCH_METRIC_RETENTION_DAYS", default=400, at_least=1))
METRIC_DAY_RETENTION = timedelta(days=options.number("TRADEWATCH_METRIC_DAY_RETENTION_DAYS", default=1100, at_least=1))
CHECK_RESULT_RETENTION = timedelta(days=options.number("TRADEWATCH_CHECK_RESULT_RETENTION_DAYS", default=7, at_least=1))
GATE_ANSWER_RETENTION = timedelta(days=options.number("TRADEWATCH_GATE_ANSWER_RETENTION_DAYS", default=90, at_least=1))
AUDIT_RETENTION = timedelta(days=options.number("TRADEWATCH_AUDIT_RETENTION_DAYS", default=730, at_least=1))
DEBUG_CONTEXT_RETENTION = timedelta(
    days=options.number("TRADEWATCH_DEBUG_CONTEXT_RETENTION_DAYS", default=90, at_least=1)
)
DEBUG_SESSION_RETENTION = timedelta(
    days=options.number("TRADEWATCH_DEBUG_SESSION_RETENTION_DAYS", default=400, at_least=1)
)
REPLAY_RETENTION = timedelta(days=options.number("TRADEWATCH_REPLAY_RETENTION_DAYS", default=30, at_least=1))
REPLAY_QUOTA_MB = options.number("TRADEWATCH_REPLAY_QUOTA_MB", default=500, at_least=1)  # a project
REPLAY_SEGMENT_MAX_BYTES = options.number("TRADEWATCH_REPLAY_SEGMENT_MAX_BYTES", default=20 * MIB, at_least=1024)

# --- how full the disk may get ------------------------------------------------------------------------------
DISK_CRITICAL_PERCENT = options.number("TRADEWATCH_DISK_CRITICAL_PERCENT", default=95, at_least=3, at_most=99)
DISK_HIGH_PERCENT = options.number(
    "TRADEWATCH_DISK_HIGH_PERCENT", default=90, at_least=2, at_most=DISK_CRITICAL_PERCENT - 1
)
DISK_LOW_PERCENT = options.number("TRADEWATCH_DISK_LOW_PERCENT", default=85, at_least=1, at_most=DISK_HIGH_PERCENT - 1)
DISK_HEADROOM_MB = options.number("TRADEWATCH_DISK_HEADROOM_MB", default=4096, at_least=16)
DATABASE_BUDGET_MB = options.number("TRADEWATCH_DATABASE_BUDGET_MB", default=0)  # of PostgreSQL; 0: not known

# --- patterns ------------------------------------------------------------------------------------------------
PATTERNS_EVERY = timedelta(minutes=options.number("TRADEWATCH_PATTERNS_EVERY_MINUTES", default=60, at_least=0))

# --- deployments ---------------------------------------------------------------------------------------------
DEPLOYMENT_ABANDONED_AFTER = timedelta(
    hours=options.number("TRADEWATCH_DEPLOYMENT_ABANDONED_HOURS", default=12, at_least=1)
)
GIT_ROOTS = options.names_list("TRADEWATCH_GIT_ROOTS")
GIT_TIMEOUT_SECONDS = options.number("TRADEWATCH_GIT_TIMEOUT_SECONDS", default=30, at_least=1, at_most=600)

# --- artifacts of releases -----------------------------------------------------------------------------------
ARTIFACT_MAX_BYTES = options.number("TRADEWATCH_ARTIFACT_MAX_BYTES", default=32 * MIB, at_least=1024)
RELEASE_ARTIFACTS_MAX_BYTES = options.number("TRADEWATCH_RELEASE_ARTIFACTS_MAX_BYTES", default=256 * MIB, at_least=1024)

# --- rate limits of the API (a minute) ----------------------------------------------------------------------
API_TOKEN_RATE_PER_MINUTE = options.number("TRADEWATCH_TOKEN_RATE_PER_MINUTE", default=600, at_least=1)
API_ADDRESS_RATE_PER_MINUTE = options.number("TRADEWATCH_ADDRESS_RATE_PER_MINUTE", default=600, at_least=1)

# --- scheduled backups ---------------------------------------------------------------------------------------
BACKUP_FOLDER = options.folder("TRADEWATCH_BACKUP_FOLDER")
BACKUP_EVERY = timedelta(hours=options.number("TRADEWATCH_BACKUP_EVERY_HOURS", default=24, at_least=1))
BACKUP_KEEP_DAILY = options.number("TRADEWATCH_BACKUP_KEEP_DAILY", default=7, at_least=1)
BACKUP_KEEP_WEEKLY = options.number("TRADEWATCH_BACKUP_KEEP_WEEKLY", default=4, at_least=0)

# --- mail: without SMTP, mails become files under HOME/mails ------------------------------------------------
EMAIL_HOST = options.text("TRADEWATCH_SMTP_HOST")
EMAIL_PORT = options.number("TRADEWATCH_SMTP_PORT", default=587, at_least=1, at_most=65535)
EMAIL_HOST_USER = options.text("TRADEWATCH_SMTP_USER")
EMAIL_HOST_PASSWORD = options.secret("TRADEWATCH_SMTP_PASSWORD")
EMAIL_USE_TLS = options.flag("TRADEWATCH_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = options.text("TRADEWATCH_MAIL_FROM", default="TradeWatch <tradewatch@localhost>")
ALERT_MAIL_TO = options.names_list("TRADEWATCH_ALERT_MAIL_TO")
ALERT_WEEKLY_REPORT = options.flag("TRADEWATCH_ALERT_WEEKLY_REPORT", default=True)
DEADMAN_URL = options.url("TRADEWATCH_DEADMAN_URL", schemes=("http", "https"))
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = HOME / "mails"
options.finish()

# --- what a Prometheus scrapes -------------------------------------------------------------------------------
# One folder for the processes of one machine, or container: their numbers tell them apart. prometheus_client reads the
# variable when it is first imported, so it stands before everything that may import it.
PROMETHEUS_FOLDER = HOME / "prometheus" / socket.gethostname()
PROMETHEUS_FOLDER.mkdir(parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(PROMETHEUS_FOLDER)
SCRAPE_SECONDS = 5.0  # Prometheus gives up after 10

# --- Django -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_prometheus",
    "tradewatch.core",
    "tradewatch.projects",
    "tradewatch.accounts",
    "tradewatch.calendars",
    "tradewatch.metrics",
    "tradewatch.inbox",
    "alerts",
    "tradewatch.errors",
    "tradewatch.performance",
    "sla",
    "releases",
    "debugging",
    "tradewatch.ingest",
    "tradewatch.dashboard",
    "tradewatch.processes",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "tradewatch.core.over_tls.over_tls",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tradewatch.core.middleware.keep_private",
    "csp.middleware.CSPMiddleware",
    "tradewatch.dashboard.csp.AdminPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "tradewatch.core.middleware.refuse_nul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tradewatch.accounts.gate.admit_only_verified",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "tradewatch.urls"
ASGI_APPLICATION = "tradewatch.asgi.application"
APPEND_SLASH = False  # a redirect would turn a POST into a GET: each route takes its path with and without the slash
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
                "tradewatch.dashboard.context.frame",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "tradewatch.accounts.views.login.locked_out"
AXES_HANDLER = "tradewatch.accounts.lockouts.Lockouts"
# Behind a trusted proxy all would lock each other out, and an IPv6 client has more addresses than tries.
AXES_CLIENT_IP_CALLABLE = "tradewatch.core.addresses.counted_address_of"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says how long: trying again must not make it a lie
AXES_DISABLE_ACCESS_LOG = True  # grows without end; `accounts.SessionRecord` says who logged in
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "dashboard"
PASSWORD_RESET_TIMEOUT = 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
_HSTS_SECONDS = options.number("TRADEWATCH_HSTS_SECONDS", default=30 * 24 * 3600, at_least=0)
SECURE_HSTS_SECONDS = _HSTS_SECONDS if PUBLIC_URL.startswith("https://") else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: other services of the operator, which are not ours to speak for
    "security.W021",  # HSTS preload: the same, and for good
    "security.W008",  # core.over_tls leads to https whoever a proxy says came without: probes and peers need no TLS
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * MIB

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "tradewatch.core.formats"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Redis publishes across its databases: without the number in the prefix, installs that share a server hear each other.
PUSH_PREFIX = f"tradewatch{urlsplit(REDIS_URL).path}?{urlsplit(REDIS_URL).query}"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": PUSH_PREFIX},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "tradewatch.core.memory_cache.MemoryCache", "OPTIONS": {"MAX_ENTRIES": 10_000}}
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tradewatch.projects.authentication.TokenAuthentication",
        "tradewatch.projects.authentication.StaffSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tradewatch.projects.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tradewatch.core.parsers.JsonBody"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["tradewatch.projects.throttles.TokenRate"],
    "EXCEPTION_HANDLER": "tradewatch.core.api.answer_error",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "TradeWatch",
    "VERSION": VERSION,
    "DESCRIPTION": "Monitoring for trading applications. Requests carry `Authorization: Bearer TOKEN`.",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["tradewatch.core.openapi.without_slash_twins"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "tradewatch.core.openapi.with_refusals",
    ],
    "ENUM_NAME_OVERRIDES": {  # where fields of one name have other values in errors than in alerts
        "ErrorSeverity": "tradewatch.errors.choices.ErrorSeverity",
        "ErrorCategory": "tradewatch.errors.choices.ErrorCategory",
        "IssueState": "tradewatch.errors.choices.IssueState",
        "AlertSeverity": "alerts.choices.AlertSeverity",
        "AlertCategory": "alerts.choices.AlertCategory",
        "AlertState": "alerts.choices.AlertState",
        "CheckKind": "tradewatch.performance.checks.choices.CheckKind",
        "CheckState": "tradewatch.performance.checks.choices.CheckState",
        "CheckLevel": "tradewatch.performance.checks.choices.Level",
        "SlaTargetState": "sla.choices.TargetState",
        "CorrectionKind": "sla.choices.CorrectionKind",
        "DeploymentState": "releases.choices.DeploymentState",
        "DebugSessionState": "debugging.choices.SessionState",
        "DebugStepState": "debugging.choices.StepState",
        "ReplayTargetKind": "debugging.choices.TargetKind",
        "ReplayState": "debugging.choices.ReplayState",
        "Reproduced": "debugging.choices.Reproduced",
        "ReplayBatchKind": "debugging.choices.BatchKind",
        "ReplayBatchState": "debugging.choices.BatchState",
    },
}

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {} if REDIS_URL else {"polling_interval": 0.02}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for a lost Redis as long as it takes

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "tradewatch.core.log_lines.OneLine",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Whatever is logged beside: addresses and headers of what is called hold secrets.
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
    },
}
