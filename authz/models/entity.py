"""What others have told us of entities that are not ours."""

from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from config.models import IdentifiedModel

TYPE_LENGTH, IDENTIFIER_LENGTH = 64, 191
TYPE_FORM = r"^[a-z][a-z0-9_]*$"


class EntityType(models.Model):
    """A type of which anything was ever stored. Never deleted: who knows the types knows of what something may be."""

    name = models.CharField(_("name"), max_length=TYPE_LENGTH, primary_key=True)

    class Meta:
        verbose_name = _("entity type")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(name__regex=TYPE_FORM) & ~Q(name="role"), name="entitytype_form"
            )
        ]

    def __str__(self) -> str:
        return self.name


class EntityQuerySet(models.QuerySet["Entity"]):
    def of_type(self, entity_type: str) -> Self:
        return self.filter(type_id=entity_type)

    def named(self, entity_type: str, identifier: str) -> Self:
        return self.filter(type_id=entity_type, identifier=identifier)

    def referenced(self, references: "list[tuple[str, str]]") -> Self:
        """All of these (type, identifier) pairs that exist."""
        by_type: dict[str, list[str]] = {}
        for entity_type, identifier in references:
            by_type.setdefault(entity_type, []).append(identifier)
        condition = Q(pk__in=[])
        for entity_type, identifiers in by_type.items():
            condition |= Q(type_id=entity_type, identifier__in=identifiers)
        return self.filter(condition)


class Entity(IdentifiedModel):
    """One entity, `<type>:<identifier>` to policies; `properties` are its attributes."""

    PREFIX = "ent"

    type = models.ForeignKey(EntityType, on_delete=models.PROTECT, verbose_name=_("type"))
    identifier = models.CharField(_("identifier"), max_length=IDENTIFIER_LENGTH)
    properties = models.JSONField(_("properties"), default=dict)

    objects = EntityQuerySet.as_manager()

    class Meta:
        verbose_name = _("entity")
        verbose_name_plural = _("entities")
        ordering: ClassVar[list[str]] = ["-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["type", "identifier"], name="entity_unique"),
            models.CheckConstraint(
                condition=Exact(
                    Func(F("properties"), function="jsonb_typeof", output_field=TextField()),
                    Value("object"),
                ),
                name="entity_properties_object",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(
                fields=["properties"], opclasses=["jsonb_path_ops"], name="entity_by_properties"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"{self.type_id}:{self.identifier}"
