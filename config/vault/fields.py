"""The column that holds an envelope and nothing else."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from config.vault.envelope import HEADER, SHORTEST, looks_sealed
from config.vault.errors import NotSealedError

HIDDEN = "[sealed]"


class SealedBytes(bytes):
    """An envelope that does not show itself: `repr` and `str` say `[sealed]`."""

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """An envelope, written by `config.vault.sealing.seal_field` and read by `open_field`.

    It appears in no form, and in `repr`, the admin and serializers only as `[sealed]`. Plaintext cannot get in:
    saving it raises NotSealedError, and the column has a check that only envelopes pass.
    """

    description = "An envelope of the vault"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        column = connection.ops.quote_name(str(self.column))
        return (
            f"octet_length({column}) >= {SHORTEST} "
            f"AND substring({column} from 1 for {len(HEADER)}) = '\\x{HEADER.hex()}'::bytea"
        )

    def from_db_value(self, value: bytes | None, *_: object) -> SealedBytes | None:
        return None if value is None else SealedBytes(value)

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        if value is not None and not (isinstance(value, bytes) and looks_sealed(value)):
            raise NotSealedError(f"{self.name} takes only what seal_field has sealed")
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        """Fixtures and forms cannot bring an envelope: it would not open in another row anyway."""
        if isinstance(value, str):
            raise ValidationError("A sealed value is not read from text.", code="sealed")
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return "" if self.value_from_object(obj) is None else HIDDEN
