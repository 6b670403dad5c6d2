"""What is looked at before the service starts. Registered by `accounts.apps`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from accounts.breached.errors import BreachedListError
from accounts.breached.filter_file import check_header


@register
def breached_passwords_can_be_read(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[CheckMessage]:
    """`gatehouse.E060`: the operator's list would not be looked at."""
    path = settings.ENVIRONMENT.breached_passwords_file
    if path is None:
        return []
    try:
        check_header(path)
    except (OSError, BreachedListError) as error:
        return [
            Error(
                f"BREACHED_PASSWORDS_FILE cannot be used: {error}.",
                hint="Make it with `manage.py breached_passwords update FILE --output …`.",
                id="gatehouse.E060",
            )
        ]
    return []
