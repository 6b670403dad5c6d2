"""What is looked at before the service starts."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from config.vault import kms
from config.vault.providers.configured import refuse_two_keys
from config.vault.providers.local import refuse_exposed


def refuse_unsafe_key() -> None:
    """Raises ImproperlyConfigured, which stops every process, when others than its owner may read the key file, or
    when two keys are given and it is a guess which one is meant.

    A file that is not there yet is not judged: the first `make serve` makes it.
    """
    environment = settings.ENVIRONMENT
    refuse_two_keys(environment)
    for variable in ("vault_local_key_file", "vault_local_previous_key_file"):
        path = getattr(environment, variable)
        if path is not None and path.exists():
            refuse_exposed(path.stat(), variable.upper())


@register(Tags.security, deploy=True)
def vault_key_can_be_used(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """`gatehouse.E020`: the key provider lacks a setting, or the local key is none."""
    try:
        kms.provider()
    except ImproperlyConfigured as error:
        return [
            Error(
                f"The vault cannot be used: {error}.",
                hint="docs/operators/vault.md says what each provider needs.",
                id="gatehouse.E020",
            )
        ]
    return []
