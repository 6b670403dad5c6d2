"""As the tests have it, but tasks go to real workers."""

from config.settings.test import *  # noqa: F403

CELERY_TASK_ALWAYS_EAGER = False
