"""The AuthZEN API for the OpenAPI document: the views are plain, and read and answer by hand."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from authz.engine.verdict import Reason
from config.http.views import APIView


class SubjectSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    id = serializers.CharField()
    properties = serializers.DictField(
        required=False, help_text="What you say of it; needs the scope `authz:assert`."
    )


class ActionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    properties = serializers.DictField(required=False)


class KindSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    properties = serializers.DictField(required=False)


class EvaluationSerializer(serializers.Serializer[Any]):
    subject = SubjectSerializer()
    action = ActionSerializer()
    resource = SubjectSerializer()
    context = serializers.DictField(required=False)  # type: ignore[assignment]


class PartialEvaluationSerializer(serializers.Serializer[Any]):
    subject = SubjectSerializer(required=False)
    action = ActionSerializer(required=False)
    resource = SubjectSerializer(required=False)
    context = serializers.DictField(required=False)  # type: ignore[assignment]


class OptionsSerializer(serializers.Serializer[Any]):
    evaluations_semantic = serializers.ChoiceField(
        choices=["execute_all", "deny_on_first_deny", "permit_on_first_permit"], required=False
    )


class EvaluationsSerializer(PartialEvaluationSerializer):
    evaluations = PartialEvaluationSerializer(
        many=True, required=False, help_text="What one leaves out it takes from the top, whole."
    )
    options = OptionsSerializer(required=False)


class DecisionContextSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(
        choices=[*(reason.value for reason in Reason), "invalid_request"]
    )
    policy = serializers.CharField(allow_null=True, required=False)
    ttl = serializers.IntegerField(required=False)
    obligations = serializers.DictField(required=False)
    error = serializers.DictField(required=False)


class EvaluationAnswerSerializer(serializers.Serializer[Any]):
    decision = serializers.BooleanField()
    context = DecisionContextSerializer()  # type: ignore[assignment]


class EvaluationsAnswerSerializer(serializers.Serializer[Any]):
    """`evaluations`, or `decision` and `context` when none were asked for."""

    evaluations = EvaluationAnswerSerializer(many=True, required=False)
    decision = serializers.BooleanField(required=False)
    context = DecisionContextSerializer(required=False)  # type: ignore[assignment]


class PageSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=0)


class AnswerPageSerializer(serializers.Serializer[Any]):
    next_token = serializers.CharField(allow_blank=True, help_text="Empty on the last page.")
    count = serializers.IntegerField()


class SubjectSearchSerializer(serializers.Serializer[Any]):
    subject = KindSerializer()
    action = ActionSerializer()
    resource = SubjectSerializer()
    context = serializers.DictField(required=False)  # type: ignore[assignment]
    page = PageSerializer(required=False)


class ResourceSearchSerializer(serializers.Serializer[Any]):
    subject = SubjectSerializer()
    action = ActionSerializer()
    resource = KindSerializer()
    context = serializers.DictField(required=False)  # type: ignore[assignment]
    page = PageSerializer(required=False)


class ActionSearchSerializer(serializers.Serializer[Any]):
    subject = SubjectSerializer()
    resource = SubjectSerializer()
    context = serializers.DictField(required=False)  # type: ignore[assignment]
    page = PageSerializer(required=False)


class FoundEntitySerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    id = serializers.CharField()


class FoundActionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()


class EntitiesFoundSerializer(serializers.Serializer[Any]):
    page = AnswerPageSerializer()
    results = FoundEntitySerializer(many=True)


class ActionsFoundSerializer(serializers.Serializer[Any]):
    page = AnswerPageSerializer()
    results = FoundActionSerializer(many=True)


class EvaluationView(APIView):
    api_key_scopes = {"POST": "decisions:ask"}

    @extend_schema(
        operation_id="authzen_evaluation",
        summary="AuthZEN: may this subject do this with that resource?",
        request=EvaluationSerializer,
        responses=EvaluationAnswerSerializer,
    )
    def post(self, request: Request) -> None:
        """Answered by `authzen.evaluation`."""


class EvaluationsView(APIView):
    api_key_scopes = {"POST": "decisions:ask"}

    @extend_schema(
        operation_id="authzen_evaluations",
        summary="AuthZEN: many evaluations, with defaults in common",
        description="One that is malformed is a no with an `error` in its context; the others are answered.",
        request=EvaluationsSerializer,
        responses=EvaluationsAnswerSerializer,
    )
    def post(self, request: Request) -> None:
        """Answered by `authzen.evaluation`."""


class SubjectSearchView(APIView):
    @extend_schema(
        operation_id="authzen_search_subject",
        summary="AuthZEN: who may do this with that resource?",
        request=SubjectSearchSerializer,
        responses=EntitiesFoundSerializer,
    )
    def post(self, request: Request) -> None:
        """Answered by `authzen.search`."""


class ResourceSearchView(APIView):
    @extend_schema(
        operation_id="authzen_search_resource",
        summary="AuthZEN: with which resources may this subject do this?",
        request=ResourceSearchSerializer,
        responses=EntitiesFoundSerializer,
    )
    def post(self, request: Request) -> None:
        """Answered by `authzen.search`."""


class ActionSearchView(APIView):
    @extend_schema(
        operation_id="authzen_search_action",
        summary="AuthZEN: what may this subject do with that resource?",
        request=ActionSearchSerializer,
        responses=ActionsFoundSerializer,
    )
    def post(self, request: Request) -> None:
        """Answered by `authzen.search`."""
