"""What may be asked of the trail, read strictly: a filter that is not understood is refused, never left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from audit.models import AuthEventQuerySet
from audit.networks import Network, parse_network
from audit.types import AuditType, Outcome
from config.http.parameters import once_each
from config.http.serializers import SpanSerializer
from config.ids import parse_public_id

REPEATABLE = ("event_type",)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailFilter:
    """A question about the trail; what is None does not narrow it."""

    user_id: str | None = None
    event_type: frozenset[AuditType] | None = None
    since: datetime | None = None
    until: datetime | None = None
    ip: Network | None = None
    session_id: str | None = None
    outcome: Outcome | None = None
    risk: int | None = None

    @classmethod
    def read(cls, parameters: QueryDict) -> Self:
        """The filter that a query string asks for. Raises InvalidRequestError naming each parameter at fault."""
        return cls.of(once_each(parameters, repeatable=REPEATABLE))

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The filter in `data`, by the names of the parameters. Raises ValidationError naming each at fault."""
        question = TrailFilterSerializer(data=data)
        question.is_valid(raise_exception=True)
        return cls(**question.validated_data)

    def narrow(self, rows: AuthEventQuerySet) -> AuthEventQuerySet:
        """`rows`, less those that the filter leaves out."""
        steps: dict[str, Callable[[AuthEventQuerySet, Any], AuthEventQuerySet]] = {
            "user_id": AuthEventQuerySet.for_user,
            "event_type": AuthEventQuerySet.of_types,
            "since": AuthEventQuerySet.since,
            "until": AuthEventQuerySet.until,
            "ip": AuthEventQuerySet.from_network,
            "session_id": AuthEventQuerySet.in_session,
            "outcome": AuthEventQuerySet.with_outcome,
            "risk": AuthEventQuerySet.with_risk,
        }
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None:
                rows = steps[field.name](rows, value)
        return rows


class EventTypesField(serializers.ListField):
    """Types of the trail, by name or by what they begin with."""

    child = serializers.CharField(allow_blank=True)  # its own error would name a place in the list

    def __init__(self, **options: Any) -> None:
        super().__init__(
            help_text="A type such as `auth.login.failed`, or `auth.*` for all below; may be repeated.",
            **options,
        )

    def to_internal_value(self, data: Any) -> frozenset[AuditType]:  # type: ignore[override]
        types: set[AuditType] = set()
        for pattern in super().to_internal_value(data):
            named = AuditType.matching(pattern)
            if not named:
                raise serializers.ValidationError(
                    f"No type of the trail is {pattern!r}.", code="unknown"
                )
            types |= named
        return frozenset(types)


class TrailFilterSerializer(SpanSerializer):
    """The query parameters of the trail."""

    user_id = serializers.CharField(required=False, help_text="A person: `usr_…`.")
    event_type = EventTypesField(required=False)
    ip = serializers.CharField(
        required=False, help_text="An address, or a network such as `192.0.2.0/24`."
    )
    session_id = serializers.CharField(required=False, help_text="A session: `ses_…`.")
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False)
    risk = serializers.IntegerField(
        required=False, min_value=0, max_value=100, help_text="The lowest risk score."
    )

    def validate_user_id(self, value: str) -> str:
        return _public_id("usr", value)

    def validate_session_id(self, value: str) -> str:
        return _public_id("ses", value)

    def validate_ip(self, value: str) -> Network:
        network = parse_network(value)
        if network is None:
            raise serializers.ValidationError("An IP address, or a network in CIDR form.")
        return network

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since, until = attrs.get("since"), attrs.get("until")
        if since and until and since >= until:
            raise serializers.ValidationError({"to": ["Must be later than `from`."]})
        return attrs


def _public_id(prefix: str, value: str) -> str:
    if parse_public_id(prefix, value) is None:
        raise serializers.ValidationError(
            [ErrorDetail(f"An id that begins with {prefix}_.", code="invalid_id")]
        )
    return value
