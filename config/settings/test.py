"""The test run: real PostgreSQL and Valkey, mail in memory, tasks run where they are sent."""

import os

from pydantic import SecretStr

from config.settings import base
from config.settings.base import *  # noqa: F403
from config.settings.celery_broker import celery
from config.settings.databases import database

SECRET_KEY = "a key for the tests alone, long enough for every check there is"  # noqa: S105
# `config.devstack.pytest_plugin` sees to both; the defaults serve commands that never connect.
DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql:///gatehouse")
REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost")

ENVIRONMENT = base.ENVIRONMENT.model_copy(
    update={
        "vault_local_key": SecretStr("dGhlIHRlc3RzJyBrZXksIG9mIDMyIGJ5dGVzIHN1cmU="),
        "vault_local_key_file": None,
        "demo_data": False,
        "decision_record_interval": 0,  # a test that wants decisions written down says so
        # Other work may keep the machine busy. A test of what is slow chooses its own.
        "health_probe_timeout": 10.0,
        "outbound_timeout": 30.0,
        "outbound_connect_timeout": 10.0,
        "broker_connect_timeout": 10.0,
        "broker_read_timeout": 30.0,
        "kms_timeout": 10.0,
        "webhook_timeout": 30.0,
    }
)
DATABASES = {"default": database(DATABASE_URL, pool_size=None)}
DATABASE_REPLICAS = []  # a test that wants one makes it
DATABASE_ROUTERS = []
globals().update(
    celery(os.environ.get("CELERY_BROKER_URL") or REDIS_URL, longest_task=base.LONGEST_TASK)
)
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATIC_ROOT = None
