"""The Celery application: `celery -A config worker`, `celery -A config beat`."""

import os

from celery import Celery

from config.jobs import amqps, task_context

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

amqps.check_names()
app = Celery("gatehouse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
task_context.connect()
