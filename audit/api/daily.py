"""How many rows of the trail each day has, of each type and outcome."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.chain.daily_models import DailyCount, DailyCountQuerySet
from audit.trail_filter import REPEATABLE, EventTypesField
from audit.types import AuditType, Outcome
from config.http.parameters import once_each
from config.http.permissions import RequireScope
from config.http.serializers import StrictSerializer
from config.http.views import APIView
from config.replicas.reading import may_be_old

USUAL_DAYS, MOST_DAYS = 30, 92


@dataclass(frozen=True, kw_only=True, slots=True)
class DailyFilter:
    """Days, both included, and of which types and outcome they are counted; None for all."""

    since: date
    until: date
    event_type: frozenset[AuditType] | None = None
    outcome: Outcome | None = None

    @classmethod
    def read(cls, parameters: QueryDict) -> Self:
        """What a query string asks for; without days the last thirty. Raises ValidationError, and InvalidRequestError
        for a parameter that is given twice."""
        question = DailyFilterSerializer(data=once_each(parameters, repeatable=REPEATABLE))
        question.is_valid(raise_exception=True)
        return cls(**question.validated_data)

    def narrow(self, rows: DailyCountQuerySet) -> DailyCountQuerySet:
        """`rows`, less those that the filter leaves out."""
        rows = rows.between(self.since, self.until)
        if self.event_type is not None:
            rows = rows.filter(event_type__in=sorted(self.event_type))
        if self.outcome is not None:
            rows = rows.filter(outcome=self.outcome)
        return rows


class DailyFilterSerializer(StrictSerializer):
    event_type = EventTypesField(required=False)
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {
            "from": serializers.DateField(
                required=False, source="since", help_text="The first day (UTC)."
            ),
            "to": serializers.DateField(
                required=False, source="until", help_text="The last day; today if left out."
            ),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        until = attrs.setdefault("until", timezone.now().date())
        since = attrs.setdefault("since", _days_before(until))
        if since > until:
            raise serializers.ValidationError({"to": ["Must not be before `from`."]})
        if until - since >= timedelta(days=MOST_DAYS):
            raise serializers.ValidationError({"from": [f"At most {MOST_DAYS} days at once."]})
        return attrs


def _days_before(last: date) -> date:
    return date.fromordinal(max(1, last.toordinal() - USUAL_DAYS + 1))


class DailyCountSerializer(serializers.Serializer[Any]):
    day = serializers.DateField(help_text="In UTC.")
    event_type = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    events = serializers.IntegerField(help_text="How many rows the trail has of them.")


class DailyCountsSerializer(serializers.Serializer[Any]):
    results = DailyCountSerializer(many=True)


class DailyCountsView(APIView):
    permission_classes = (RequireScope("audit:read"),)

    @extend_schema(
        operation_id="audit_daily_counts",
        summary="How much happened on each day, by type and outcome",
        description=(
            "Needs the scope `audit:read`. Days on which nothing happened are left out; what happened in the last "
            "seconds may not be counted yet."
        ),
        parameters=[DailyFilterSerializer],
        responses=DailyCountsSerializer,
    )
    @may_be_old(DailyCount)
    def get(self, request: Request) -> Response:
        question = DailyFilter.read(request.query_params)
        counts = question.narrow(DailyCount.objects.all()).summed()
        return Response(DailyCountsSerializer({"results": counts}).data)
