"""Asking for decisions: one, or many in their order. Plain views: this is the way that most requests go."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from authz.api.answers import decision_document
from authz.api.decision_serializers import (
    BatchAnswerSerializer,
    BatchSerializer,
    DecisionSerializer,
    QuestionSerializer,
)
from authz.api.door import Caller, Door
from authz.api.question_reader import read_batch, read_question
from authz.api.questions import believed, require_right_to_ask
from authz.services import decisions
from authz.services.decisions import Question
from config.http import plain
from config.http.plain import plain_view
from config.http.short_way import short_way
from config.http.views import APIView


class CheckView(APIView):
    """`POST /v1/authz/check`, for the OpenAPI document."""

    api_key_scopes = {"POST": "decisions:ask"}

    @extend_schema(
        operation_id="authz_check",
        summary="May this subject do this with that resource?",
        description="For clients with the scope `authz:check`, and for anybody about themself. A no is an answer: 200.",
        request=QuestionSerializer,
        responses=DecisionSerializer,
    )
    def post(self, request: Request) -> None:
        """Answered by `check`."""


class BatchView(APIView):
    """`POST /v1/authz/check/batch`, for the OpenAPI document."""

    api_key_scopes = {"POST": "decisions:ask"}

    @extend_schema(
        operation_id="authz_check_batch",
        summary="Up to 1,000 questions, answered in their order",
        description="All of them are decided from the same state of the world, and none when one is malformed.",
        request=BatchSerializer,
        responses=BatchAnswerSerializer,
    )
    def post(self, request: Request) -> None:
        """Answered by `check_batch`."""


def _answer(caller: Caller, asked: Question) -> Mapping[str, Any]:
    require_right_to_ask(caller.principal, [asked.subject])
    question = believed(caller.principal, asked)
    return decision_document(decisions.check_known(question, stamps=caller.stamps, source="api"))


def _answer_batch(caller: Caller, asked: list[Question]) -> Mapping[str, Any]:
    require_right_to_ask(caller.principal, [one.subject for one in asked])
    questions = [believed(caller.principal, one) for one in asked]
    answers = decisions.check_many_known(questions, stamps=caller.stamps, source="api")
    return {"results": [decision_document(answer) for answer in answers]}


def _entities(asked: list[Question]) -> Collection[str]:
    return {entity for question in asked for entity in question.entities}


CHECK: Door[Question] = Door(
    body=plain.body_object,
    read=read_question,
    about=lambda asked: asked.entities,
    answer=_answer,
    api_key_scope=CheckView.api_key_scopes["POST"],
)
BATCH: Door[list[Question]] = Door(
    body=plain.body_object,
    read=read_batch,
    about=_entities,
    answer=_answer_batch,
    api_key_scope=BatchView.api_key_scopes["POST"],
)


@short_way
@plain_view(described_by=CheckView)
def check(request: HttpRequest) -> HttpResponse:
    """`POST /v1/authz/check`"""
    return CHECK.open(request)


@short_way
@plain_view(described_by=BatchView)
def check_batch(request: HttpRequest) -> HttpResponse:
    """`POST /v1/authz/check/batch`"""
    return BATCH.open(request)
