"""What every table of ours has: a UUIDv7 key, a public id made from it, and two stamps."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models

from config.ids import new_uuid, parse_public_id, public_id


class TimestampedModel(models.Model):
    """When the row was made and last changed (UTC)."""

    created_at = models.DateTimeField(auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True


class FoundByPublicId:
    """For a queryset of `IdentifiedModel` rows: found by the id that the outside knows."""

    def with_public_id(self, text: str) -> Self:
        """The one row of this id; none for a text that is not an id of this kind."""
        rows: Any = self
        key = rows.model.parse_id(text)
        found: Self = rows.none() if key is None else rows.filter(pk=key)
        return found


class IdentifiedModel(TimestampedModel):
    """A row that the outside may name: `PREFIX` and the UUIDv7 key make its public id."""

    PREFIX: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)

    class Meta:
        abstract = True

    @property
    def public_id(self) -> str:
        """Such as `usr_01h455vb4pex5vsknk084sn02q`."""
        return public_id(self.PREFIX, self.id)

    @classmethod
    def parse_id(cls, text: str) -> UUID | None:
        """The key inside a public id, or None when `text` is not an id of this kind."""
        return parse_public_id(cls.PREFIX, text)
