"""Secrets in files: `SECRET_KEY_FILE=/run/secrets/secret_key` is `SECRET_KEY`, read from there.

So orchestrators hand secrets over without a process's environment, which children inherit and others may read, showing
them.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

LIMIT = 64 * 1024  # bytes; no secret of ours is as long


@dataclass(frozen=True)
class Unreadable:
    """Stands where a value should, so that whoever validates the variable can name it."""

    reason: str


class SecretFilesSource(PydanticBaseSettingsSource):
    """Gives each secret whose `…_FILE` names a file, without the line break at its end.

    A secret that has a field of its own for its file (`VAULT_LOCAL_KEY_FILE`) is left to it.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = os.environ.get(file_variable(field_name), "")
        return (read(field_name, path) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(self.settings_cls.model_fields[name], name)[0]
            for name in names(self.settings_cls)
        }
        return {name: value for name, value in found.items() if value is not None}


def names(settings: type[BaseSettings]) -> list[str]:
    """The fields that can be set by a file."""
    fields = settings.model_fields
    return [
        name
        for name, field in fields.items()
        if holds_secret(field.annotation)
        and f"{name}_file" not in fields
        and f"{name.removesuffix('s')}_file" not in fields
    ]


def holds_secret(annotation: Any) -> bool:
    """Whether a value of that type is a secret, or is made of parts one of which is."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(holds_secret(field.annotation) for field in annotation.model_fields.values())
    return annotation is SecretStr or any(holds_secret(each) for each in get_args(annotation))


def file_variable(name: str) -> str:
    return f"{name.upper()}_FILE"


def read(name: str, path: str) -> str | Unreadable:
    """The secret `name` from `path`; Unreadable when it is not to be had, or when the variable is set beside it."""
    if os.environ.get(name.upper()):
        return Unreadable(f"is set beside {file_variable(name)}; one of the two is enough")
    try:
        with Path(path).open("rb") as file:
            text = file.read(LIMIT).decode()
    except (OSError, UnicodeDecodeError):
        return Unreadable(f"the file that {file_variable(name)} names cannot be read")
    return text.rstrip("\r\n")
