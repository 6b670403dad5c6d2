"""What to do about what a system check says, where the check itself says only what is wrong: most of Django's."""

from collections.abc import Mapping
from typing import Any

import django
from django.core.checks import CheckMessage
from django.utils.translation import gettext_lazy as _

SECRET_KEY = _("Give SECRET_KEY fifty random characters or more, and keep them to yourself.")
OF_ONE: Mapping[str, Any] = {
    "security.W009": SECRET_KEY,
    "security.W020": _("Name the hosts of the service in ALLOWED_HOSTS."),
    "security.W025": SECRET_KEY,
}
OF_A_KIND: Mapping[str, Any] = {
    "security": _(
        "The settings for production see to it: start every process with "
        "DJANGO_SETTINGS_MODULE=config.settings.production. On your own machine it is as it should be."
    ),
    "caches": _("Look at the settings of Redis: the cache is kept there."),
    "database": _("Look at DATABASE_URL, and at the version and the settings of PostgreSQL."),
    "files": _("Look at the folders that the settings name, and at who may write to them."),
    "postgres": _("Look at DATABASE_URL, and at the version and the settings of PostgreSQL."),
    "staticfiles": _(
        "Run manage.py collectstatic, and look at the folders that the settings name."
    ),
}
OF_THE_CODE = _(
    "It lies in the code, not in a setting: tell whoever develops the service, with the id of the check."
)
KINDS_OF_DJANGO = frozenset(
    [
        "admin",
        "async",
        "auth",
        "caches",
        "commands",
        "compatibility",
        "contenttypes",
        "database",
        "fields",
        "files",
        "models",
        "postgres",
        "security",
        "signals",
        "sites",
        "staticfiles",
        "templates",
        "translation",
        "urls",
    ]
)
REFERENCE = "https://docs.djangoproject.com/en/{0}.{1}/ref/checks/"


def remedy_of(message: CheckMessage) -> Any:
    """What to do about it: the hint of the check, else ours for that check or its kind. Never empty."""
    id_ = message.id or ""
    return message.hint or OF_ONE.get(id_) or OF_A_KIND.get(_kind(id_)) or OF_THE_CODE


def reference_of(message: CheckMessage) -> str:
    """Where Django explains the check; empty for one that is not Django's."""
    if _kind(message.id or "") not in KINDS_OF_DJANGO:
        return ""
    return REFERENCE.format(*django.VERSION)


def _kind(id_: str) -> str:
    return id_.partition(".")[0]
