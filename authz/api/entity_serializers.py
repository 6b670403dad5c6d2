"""Stored entities as JSON."""

from typing import Any

from rest_framework import serializers

from authz.api.fields import ObjectField, TextField
from authz.models import Entity
from authz.models.entity import IDENTIFIER_LENGTH, TYPE_LENGTH
from config.http.serializers import StrictSerializer


class EntityPropertiesSerializer(StrictSerializer):
    properties = ObjectField(
        help_text="The entity's attributes, whole: what was stored before is gone."
    )


class EntityDraftSerializer(EntityPropertiesSerializer):
    type = TextField(max_length=TYPE_LENGTH)
    id = TextField(max_length=IDENTIFIER_LENGTH, trim_whitespace=False)


class EntitiesSerializer(StrictSerializer):
    entities = EntityDraftSerializer(
        many=True, allow_empty=False, help_text="Stored all or none; each named once."
    )


class EntitySerializer(serializers.ModelSerializer[Entity]):
    type = serializers.CharField(source="type_id", read_only=True)
    id = serializers.CharField(source="identifier", read_only=True)
    properties = serializers.DictField(read_only=True)

    class Meta:
        model = Entity
        fields = ("type", "id", "properties", "created_at", "updated_at")
        read_only_fields = fields


class StoredSerializer(serializers.Serializer[Any]):
    stored = serializers.IntegerField()
