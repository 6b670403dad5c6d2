"""Serializers that say no to what they do not know."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from config.http.problems import MOST_ERRORS


class StrictSerializer(serializers.Serializer[Any]):
    """A request body whose unknown members are errors: a typing mistake in a name never passes for a default."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = set(data) - {
                name for name, field in self.fields.items() if not field.read_only
            }
            if unknown:
                raise serializers.ValidationError(
                    {
                        str(name): [ErrorDetail("No such field.", code="unknown")]
                        for name in sorted(unknown)[:MOST_ERRORS]
                    }
                )
        return super().to_internal_value(data)


class SpanSerializer(StrictSerializer):
    """With `from`, which is a word of Python's, and `to`: validated as `since` and `until`."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {
            "from": serializers.DateTimeField(
                required=False, source="since", help_text="The first moment (RFC 3339)."
            ),
            "to": serializers.DateTimeField(
                required=False, source="until", help_text="The moment before which it ends."
            ),
        }


class ProblemSerializer(serializers.Serializer[Any]):
    """The shape of every error (RFC 9457), for the OpenAPI document."""

    class FieldErrorSerializer(serializers.Serializer[Any]):
        field = serializers.CharField()
        code = serializers.CharField()
        detail = serializers.CharField()

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    request_id = serializers.CharField()
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]
