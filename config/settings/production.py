"""Production: nothing is embedded or made up, and a missing or weak secret stops the start."""

from config.settings import base
from config.settings.base import *  # noqa: F403
from config.settings.celery_broker import celery
from config.settings.databases import databases
from config.settings.demands import problems
from config.settings.reader import SettingsError, reveal
from config.settings.sections.section import Day
from config.settings.services import STATIC_STORAGES, email

ENVIRONMENT = base.ENVIRONMENT
_problems = problems(ENVIRONMENT)
if _problems:
    raise SettingsError(_problems)

SECRET_KEY = reveal(ENVIRONMENT.secret_key)
DATABASE_URL = reveal(ENVIRONMENT.database_url)
REDIS_URL = reveal(ENVIRONMENT.redis_url)

DATABASES = databases(DATABASE_URL, ENVIRONMENT)
globals().update(
    celery(reveal(ENVIRONMENT.celery_broker_url) or REDIS_URL, longest_task=base.LONGEST_TASK)
)
globals().update(email(reveal(ENVIRONMENT.email_url)))

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|metrics)$"]  # asked by machines next door, without TLS
if ENVIRONMENT.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 730 * Day
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# The prefix makes browsers refuse such a cookie from another host or without TLS (RFC 6265bis section 4.1.3.2).
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url]

STORAGES = STATIC_STORAGES
