"""Settings that hold everywhere. What differs by place is in `local`, `test` and `production`."""

from pathlib import Path
from typing import Any

from config.settings.reader import read_environment
from config.settings.sections.section import PROJECT_ROOT
from config.settings.services import CACHES  # noqa: F401 - a setting

ENVIRONMENT = read_environment()

BASE_DIR = PROJECT_ROOT
DEBUG = False
DEVSTACK = False  # the pages that only development has
DEVSTACK_MAIL = ENVIRONMENT.state_dir / "mail"  # where development puts what it sends
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "django_otp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    *dict.fromkeys(
        f"allauth.socialaccount.providers.{kind}"
        for kind in ("openid_connect", *(each.provider for each in ENVIRONMENT.sign_in_providers))
    ),
    "django_celery_beat",
    "config.http",
    "config.vault",
    "config.jobs",
    "config.backup",
    "config.replicas",
    "config.telemetry",
    "config.devstack",
    "config.dashboard",
    "config.translations",
    "events",
    "audit",
    "audit.privacy",
    "authz",
    "mfa",
    "accounts",
    "trading",
    "demo",
]

MIDDLEWARE = [
    "config.http.middleware.RequestContextMiddleware",
    "config.telemetry.middleware.TracingMiddleware",
    "config.telemetry.middleware.AccessLogMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.http.short_way.ShortWayMiddleware",
    *(
        ["config.replicas.middleware.PositionMiddleware"]
        if ENVIRONMENT.database_replica_urls
        else []
    ),
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.browser.BrowserSessionMiddleware",
    "config.http.language.LanguageMiddleware",
    "accounts.pages.clock.ClockMiddleware",
    "accounts.console.ConsoleDoorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.telemetry.middleware.RequestMetricsMiddleware",
]

# All that stands between ShortWayMiddleware and a view that it takes.
SHORT_WAY_MIDDLEWARE = ["config.telemetry.middleware.RequestMetricsMiddleware"]

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
                "accounts.pages.frame.frame",
            ]
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {}  # each place sets its own: see config.settings.services
DATABASE_REPLICAS = [
    f"replica{n}" for n, _ in enumerate(ENVIRONMENT.database_replica_urls, start=1)
]
DATABASE_ROUTERS = ["config.replicas.router.ReplicaRouter"] if DATABASE_REPLICAS else []

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "accounts.passwords.Argon2idHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "accounts.passwords.ImportedBcryptHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

AUTHENTICATION_BACKENDS = ["accounts.browser.BrowserBackend"]  # of pages; the API has its own
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": ENVIRONMENT.password_min_length},
    },
    {
        "NAME": "accounts.passwords.MaximumLengthValidator",
        "OPTIONS": {"max_length": ENVIRONMENT.password_max_length},
    },
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name", "phone"]},
    },
    {"NAME": "accounts.passwords.BreachedPasswordValidator"},
    {
        "NAME": "accounts.passwords.ContextWordsValidator",
        "OPTIONS": {
            "words": ENVIRONMENT.password_context_words,
            "min_rest": ENVIRONMENT.password_context_rest,
        },
    },
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# allauth speaks to other providers and shows the sign-in pages. What happens to people it leaves to our services:
# see docs/adr/0100-allauth-asks-and-our-services-act.md
ACCOUNT_ADAPTER = "accounts.allauth_adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "accounts.allauth_adapter.ProviderAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.pages.forms.SignInForm",
    "signup": "accounts.pages.forms.SignUpForm",
    "reset_password": "accounts.pages.forms.EmailForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # its own; ours is in accounts.services.email_verification
ACCOUNT_RATE_LIMITS = False  # its own; ours are in accounts.pages.limits
ACCOUNT_LOGIN_TIMEOUT = ENVIRONMENT.mfa_token_lifetime
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_STORE_TOKENS = False

SESSION_COOKIE_AGE = 8 * 3600  # a working day at the console

SILENCED_SYSTEM_CHECKS = [
    "auth.E003",  # the e-mail is unique, by an index on its lower case that the checks do not see
    "auth.W004",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("hi", "हिन्दी")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 86_400
# What is in the language of its reader (config.http.language); everything else is in English.
READERS_PAGES = ("/accounts/", "/console/")
READERS_ANSWERS = ("/v1/trading-accounts/",)
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]  # goes before what the libraries ship under the same name
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"

DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.max_body_bytes
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
APPEND_SLASH = False

# For every page, those of libraries too: nothing inline, nothing evaluated (docs/adr/0210).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
CORS_ALLOWED_ORIGINS = ENVIRONMENT.cors_allowed_origins
CORS_ALLOW_CREDENTIALS = True  # the refresh cookie; the origins are exact
CORS_URLS_REGEX = r"^/(v1|access|\.well-known)/"
CORS_EXPOSE_HEADERS = [
    "ETag",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["config.http.json.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["config.http.json.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "config.http.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "config.http.openapi.Schema",
    "EXCEPTION_HANDLER": "config.http.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "Gatehouse",
    "DESCRIPTION": "Who a person is, what they may do, and how to reach their broker.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "ENUM_NAME_OVERRIDES": {
        "TradingAccountStatusEnum": "trading.models.AccountStatus",
        "TradingPermissionEnum": "trading.models.Permission",
        "MembershipStatusEnum": "trading.models.MembershipStatus",
        "AuditOutcomeEnum": "audit.types.Outcome",
        "DecisionReasonEnum": ["policy", "unknown", "no_policy"],
        "WebhookDeliveryStateEnum": "events.models.DeliveryState",
        "JobStateEnum": "config.jobs.models.JobState",
        "OctetKeyPairEnum": ["OKP"],
        "Ed25519Enum": ["Ed25519"],
        "EdDSAEnum": ["EdDSA"],
        "EffectEnum": ["allow", "deny"],
        "PrivacyRequestKindEnum": "audit.privacy.models.RequestKind",
        "PrivacyRequestStateEnum": "audit.privacy.models.RequestState",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "validatorUrl": None,
    },  # no badge of somebody else's
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/v1/",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
SERVER_EMAIL = ENVIRONMENT.email_from

# A task is acknowledged after its work, so one whose worker died runs again: every task can bear that.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_SOFT_TIME_LIMIT = ENVIRONMENT.task_time_limit
LONGEST_TASK = CELERY_TASK_TIME_LIMIT = ENVIRONMENT.task_time_limit + ENVIRONMENT.task_cleanup_time
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "audit.privacy.tasks.build_archive": {"queue": "exports"},
    "accounts.tasks.send_*": {"queue": "mail"},
    "trading.tasks.send_*": {"queue": "mail"},
    "audit.tasks.export_*": {"queue": "exports"},
    "trading.tasks.*": {"queue": "broker"},
}
CELERY_TASK_CREATE_MISSING_QUEUES = (
    False  # a misspelt queue is an error, not a place where tasks wait for ever
)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # results belong in a Job
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "config.jobs.beat:WatchedScheduler"
CELERY_BEAT_SYNC_EVERY = 1  # each run is written down at once, for whoever takes over
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
LOGGING_CONFIG = "config.telemetry.logging.configure"
LOGGING = {"level": ENVIRONMENT.log_level, "format": ENVIRONMENT.log_format}
DEFAULT_EXCEPTION_REPORTER = "config.telemetry.error_reports.RedactingReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.telemetry.error_reports.RedactingReporterFilter"
CELERY_WORKER_REDIRECT_STDOUTS = False
UNFOLD = {
    "SITE_TITLE": "Gatehouse",
    "SITE_HEADER": "Gatehouse",
    "SITE_SUBHEADER": "config.http.console.told_below_the_name",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": "/static/accounts/favicon.svg"}
    ],
    "DASHBOARD_CALLBACK": "config.dashboard.page.fill",
    "STYLES": ["config.http.console.console_styles"],
    "SCRIPTS": ["config.http.console.console_script", "config.http.console.console_expressions"],
    "GLOBAL_CALLBACK": "config.http.console.without_inline_styles",
    "SHOW_HISTORY": False,  # the audit trail is the history
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SIDEBAR": {"show_search": True, "navigation": "config.http.console_menu.navigation"},
}
