"""`compose.yaml` as a program reads it: parsed, with its variables filled in as Compose fills them."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from config.settings.sections.section import PROJECT_ROOT

PATH = PROJECT_ROOT / "compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}|\$\$")


@cache
def text() -> str:
    return PATH.read_text()


def filled_in(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file with `${NAME:-default}` replaced. Raises KeyError for a variable that must be given and is not."""

    def value(match: "re.Match[str]") -> str:
        if match[0] == "$$":
            return "$"
        name, sign, rest = match.groups()
        if variables.get(name):
            return variables[name]
        if sign == ":-":
            return str(rest)
        raise KeyError(name)

    parsed: dict[str, Any] = yaml.safe_load(VARIABLE.sub(value, text()))
    return parsed


def waits_for(service: Mapping[str, Any]) -> dict[str, str]:
    """Which services this one starts after, and what is demanded of each."""
    return {name: each["condition"] for name, each in service.get("depends_on", {}).items()}
