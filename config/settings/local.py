"""Development: `make serve`, and any `manage.py` command beside it. What is not set is embedded or made."""

from config.devstack.environment import complete
from config.devstack.layout import Layout
from config.settings import base
from config.settings.base import *  # noqa: F403
from config.settings.celery_broker import celery
from config.settings.databases import databases
from config.settings.reader import reveal
from config.settings.services import email

DEBUG = False  # errors look as they will in production; the log has the traceback
DEVSTACK = True
LAYOUT = Layout(base.ENVIRONMENT.state_dir)
ENVIRONMENT = complete(base.ENVIRONMENT, LAYOUT)

SECRET_KEY = reveal(ENVIRONMENT.secret_key) or LAYOUT.django_secret()
DATABASE_URL = reveal(ENVIRONMENT.database_url) or LAYOUT.database_url
REDIS_URL = reveal(ENVIRONMENT.redis_url) or LAYOUT.redis_url

DATABASES = databases(DATABASE_URL, ENVIRONMENT)
globals().update(
    celery(reveal(ENVIRONMENT.celery_broker_url) or REDIS_URL, longest_task=base.LONGEST_TASK)
)

if ENVIRONMENT.email_url:
    globals().update(email(reveal(ENVIRONMENT.email_url)))
else:
    EMAIL_BACKEND = "config.devstack.mail_backend.EmlBackend"
    DEVSTACK_MAIL = LAYOUT.mail

# No collectstatic before the first look
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
