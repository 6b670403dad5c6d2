"""Rows of the trail as JSON: the whole for staff, and what a person may see of their own."""

from typing import Any, Literal, TypeVar

from rest_framework import serializers

from audit.models import AuthEvent
from audit.types import ActorType, Outcome

T = TypeVar("T")
By = Literal["you", "another_person", "service", "system", "unknown"]


class ActorSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(source="actor_type", choices=ActorType.choices)
    id = serializers.CharField(
        source="actor_id", help_text="`usr_…`, a client's id, or empty for a stranger."
    )


class AuthEventSerializer(serializers.Serializer[Any]):
    """One row of the trail."""

    id = serializers.CharField(
        source="public_id", help_text="`evt_…`; the CloudEvent that told of it has the same."
    )
    occurred_at = serializers.DateTimeField()
    event_type = serializers.CharField()
    ocsf_class_uid = serializers.IntegerField(
        source="ocsf_class", allow_null=True, help_text="The class in OCSF: 3002 is Authentication."
    )
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    actor = ActorSerializer(source="*")
    user_id = serializers.CharField(
        source="subject_user_id", help_text="The person whom it concerns, or empty."
    )
    session_id = serializers.CharField()
    client_id = serializers.CharField()
    ip = serializers.CharField(allow_null=True)
    country = serializers.CharField()
    asn = serializers.IntegerField(
        allow_null=True, help_text="The autonomous system's number: whose network it was."
    )
    device_fingerprint = serializers.CharField()
    user_agent = serializers.CharField()
    risk_score = serializers.IntegerField(allow_null=True)
    risk_signals = serializers.ListField(child=serializers.CharField())
    request_id = serializers.CharField()
    metadata = serializers.DictField(help_text="What else the event tells, by its type.")


class ActivitySerializer(serializers.Serializer[Any]):
    """One row of a person's own activity. Where it came from is shown unless it came from somebody else's machine."""

    id = serializers.CharField(source="public_id")
    occurred_at = serializers.DateTimeField()
    event_type = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    by = serializers.SerializerMethodField(help_text="Who did it; a stranger is `unknown`.")
    session_id = serializers.SerializerMethodField()
    ip = serializers.SerializerMethodField()
    country = serializers.SerializerMethodField()
    user_agent = serializers.SerializerMethodField()

    def get_by(self, row: AuthEvent) -> By:
        if row.actor_type == ActorType.USER:
            return "you" if row.actor_id == row.subject_user_id else "another_person"
        if row.actor_type == ActorType.SERVICE:
            return "service"
        return "system" if row.actor_type == ActorType.SYSTEM else "unknown"

    def get_session_id(self, row: AuthEvent) -> str:
        return self._shown(row, row.session_id, "")

    def get_ip(self, row: AuthEvent) -> str | None:
        return self._shown(row, row.ip, None)

    def get_country(self, row: AuthEvent) -> str:
        return self._shown(row, row.country, "")

    def get_user_agent(self, row: AuthEvent) -> str:
        return self._shown(row, row.user_agent, "")

    def _shown(self, row: AuthEvent, value: T, hidden: T) -> T:
        return value if self.get_by(row) in ("you", "unknown") else hidden
