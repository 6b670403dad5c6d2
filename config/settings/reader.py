"""Reading the environment, with mistakes told to a person instead of a traceback."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr, ValidationError

from config.settings.environment import Environment


class SettingsError(ImproperlyConfigured):
    """Settings that we refuse to start with; the text names each of them and shows no value."""

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__("\n  ".join(["Gatehouse does not start with these settings:", *problems]))


def read_environment() -> Environment:
    """The variables of this process. Raises SettingsError naming all that cannot be read."""
    try:
        return Environment()
    except ValidationError as error:
        problems = [_problem(details) for details in error.errors(include_input=False)]
    raise SettingsError(problems)  # outside of the handler: the first error holds the values


def reveal(secret: SecretStr | None) -> str:
    """The text of a secret; empty when it is not set."""
    return secret.get_secret_value() if secret else ""


def _problem(details: Mapping[str, Any]) -> str:
    """`PORT: Input should be a valid integer`; never the value, which may be a secret."""
    name = str(details["loc"][0]).upper() if details["loc"] else "The environment"
    return f"{name}: {details['msg'].removeprefix('Value error, ')}"
