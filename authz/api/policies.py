"""Policies: read, write, versions, rollback."""

from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.policy_serializers import (
    DeletionSerializer,
    PolicyDraftSerializer,
    PolicySerializer,
    PolicyWriteSerializer,
    ValidationSerializer,
)
from authz.api.questions import caller
from authz.engine import document as language
from authz.engine.errors import PolicyError
from authz.errors import PolicyNotFoundError
from authz.models import Policy
from authz.services import policies
from authz.services.authorship import author
from config.http.etags import etag, require_match
from config.http.pagination import CursorPages
from config.http.permissions import RequireScope
from config.http.views import APIView

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag that you read."
)


class PolicyAPIView(APIView):
    """Reading needs `policies:read`, everything else `policies:write`."""

    def get_permissions(self) -> list[BasePermission]:
        reads = self.request.method in {"GET", "HEAD", "OPTIONS"}
        return [RequireScope("policies:read" if reads else "policies:write")()]


class PoliciesView(PolicyAPIView):
    """`/v1/authz/policies`"""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="authz_policies_list",
        summary="The policies, newest first",
        responses=PolicySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        pages = CursorPages()
        page = pages.paginate_queryset(Policy.objects.live().with_current(), request, self)
        return pages.get_paginated_response(PolicySerializer(page, many=True).data)

    @extend_schema(
        operation_id="authz_policies_create",
        summary="Write a policy",
        description="In force when this returns, in every process.",
        request=PolicyWriteSerializer,
        responses={201: PolicySerializer},
    )
    def post(self, request: Request) -> Response:
        body = PolicyWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        policy = policies.create(by=author(caller(request)), **body.validated_data)
        return answer_of(policy, status=201)


class ValidatePolicyView(PolicyAPIView):
    """`POST /v1/authz/policies/validate`"""

    @extend_schema(
        operation_id="authz_policies_validate",
        summary="Would this compile?",
        description="Stores nothing. A document with flaws is an answer too: 200, and every flaw with its place.",
        request=PolicyDraftSerializer,
        responses=ValidationSerializer,
    )
    def post(self, request: Request) -> Response:
        body = PolicyDraftSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            language.parse(body.validated_data["document"])
        except PolicyError as error:
            answer: dict[str, Any] = {"valid": False, "flaws": error.flaws}
        else:
            answer = {"valid": True, "flaws": ()}
        return Response(ValidationSerializer(answer).data)


class PolicyView(PolicyAPIView):
    """`/v1/authz/policies/{id}`"""

    @extend_schema(
        operation_id="authz_policies_read",
        summary="One policy",
        description="The `ETag` is what a change must send in `If-Match`.",
        responses=PolicySerializer,
    )
    def get(self, request: Request, policy_id: str) -> Response:
        policy = Policy.objects.live().with_current().filter(pk=key_of(policy_id)).first()
        if policy is None:
            raise PolicyNotFoundError
        return answer_of(policy)

    @extend_schema(
        operation_id="authz_policies_update",
        summary="Write the next version",
        parameters=[IF_MATCH],
        request=PolicyWriteSerializer,
        responses=PolicySerializer,
    )
    def put(self, request: Request, policy_id: str) -> Response:
        body = PolicyWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        policy = policies.update(
            policy_id=key_of(policy_id),
            by=author(caller(request)),
            precondition=partial(require_match, request),
            **body.validated_data,
        )
        return answer_of(policy)

    @extend_schema(
        operation_id="authz_policies_delete",
        summary="Take a policy out of force",
        description="Its versions stay readable in the console.",
        parameters=[IF_MATCH, DeletionSerializer],
        responses={204: None},
    )
    def delete(self, request: Request, policy_id: str) -> Response:
        query = DeletionSerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        policies.delete(
            policy_id=key_of(policy_id),
            by=author(caller(request)),
            precondition=partial(require_match, request),
            **query.validated_data,
        )
        return Response(status=204)


def key_of(policy_id: str) -> UUID:
    """The key inside a policy's id. Raises PolicyNotFoundError for what is none."""
    key = Policy.parse_id(policy_id)
    if key is None:
        raise PolicyNotFoundError
    return key


def answer_of(policy: Policy, *, status: int = 200) -> Response:
    """The policy with the `ETag` that its next change must send."""
    return Response(PolicySerializer(policy).data, status=status, headers={"ETag": etag(policy)})
