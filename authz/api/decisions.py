"""Asking for decisions: one, or many in their order."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.decision_serializers import (
    BatchAnswerSerializer,
    BatchSerializer,
    DecisionSerializer,
    QuestionSerializer,
)
from authz.api.questions import caller, question, require_right_to_ask
from authz.services import decisions
from config.http.views import APIView


class CheckView(APIView):
    """`POST /v1/authz/check`"""

    api_key_scopes = {"POST": "decisions:ask"}

    @extend_schema(
        operation_id="authz_check",
        summary="May this subject do this with that resource?",
        description="For clients with the scope `authz:check`, and for anybody about themself. A no is an answer: 200.",
        request=QuestionSerializer,
        responses=DecisionSerializer,
    )
    def post(self, request: Request) -> Response:
        body = QuestionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = question(request, body.validated_data)
        require_right_to_ask(caller(request), [asked.subject])
        decision = decisions.check(
            subject=asked.subject,
            action=asked.action,
            resource=asked.resource,
            context=asked.context,
            source="api",
        )
        return Response(DecisionSerializer(decision).data)


class BatchView(APIView):
    """`POST /v1/authz/check/batch`"""

    api_key_scopes = {"POST": "decisions:ask"}

    @extend_schema(
        operation_id="authz_check_batch",
        summary="Up to 1,000 questions, answered in their order",
        description="All of them are decided from the same state of the world, and none when one is malformed.",
        request=BatchSerializer,
        responses=BatchAnswerSerializer,
    )
    def post(self, request: Request) -> Response:
        body = BatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = [question(request, item) for item in body.validated_data["checks"]]
        require_right_to_ask(caller(request), [one.subject for one in asked])
        answers = decisions.check_many(asked, source="api")
        return Response({"results": [DecisionSerializer(answer).data for answer in answers]})
