"""The versions of a policy, and going back to one."""

import re
from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.policies import IF_MATCH, PolicyAPIView, answer_of, key_of
from authz.api.policy_serializers import (
    ComparedVersionSerializer,
    CompareSerializer,
    DifferenceSerializer,
    PolicySerializer,
    PolicyVersionSerializer,
    RollbackSerializer,
)
from authz.api.questions import caller
from authz.errors import PolicyNotFoundError
from authz.models import Policy, PolicyVersion
from authz.services import policies
from authz.services.authorship import author
from authz.services.differences import between
from config.http.etags import require_match
from config.http.pagination import CursorPages
from config.http.parameters import once_each

NUMBER = re.compile("[1-9][0-9]{0,8}")


class PolicyVersionsView(PolicyAPIView):
    """`GET /v1/authz/policies/{id}/versions`"""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="authz_policies_versions",
        summary="Every version, newest first: who, when, why, and the document",
        responses=PolicyVersionSerializer(many=True),
    )
    def get(self, request: Request, policy_id: str) -> Response:
        pages = CursorPages()
        page = pages.paginate_queryset(_policy(policy_id).versions.all(), request, self)
        return pages.get_paginated_response(PolicyVersionSerializer(page, many=True).data)


class PolicyVersionView(PolicyAPIView):
    """`GET /v1/authz/policies/{id}/versions/{number}`"""

    @extend_schema(
        operation_id="authz_policies_version",
        summary="One version, and what is different from another",
        parameters=[CompareSerializer],
        responses=ComparedVersionSerializer,
    )
    def get(self, request: Request, policy_id: str, number: str) -> Response:
        query = CompareSerializer(data=once_each(request.query_params))
        query.is_valid(raise_exception=True)
        policy = _policy(policy_id)
        version = _version(policy, _number(number))
        body = dict(PolicyVersionSerializer(version).data)
        if "compare" in query.validated_data:
            other = _version(policy, query.validated_data["compare"])
            found = list(between(other.document, version.document))
            body["differences"] = DifferenceSerializer(found, many=True).data
        return Response(body)


class PolicyRollbackView(PolicyAPIView):
    """`POST /v1/authz/policies/{id}/rollback`"""

    @extend_schema(
        operation_id="authz_policies_rollback",
        summary="Put a former document in force again",
        description="As a new version: history is never rewritten.",
        parameters=[IF_MATCH],
        request=RollbackSerializer,
        responses=PolicySerializer,
    )
    def post(self, request: Request, policy_id: str) -> Response:
        body = RollbackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        policy = policies.rollback(
            policy_id=key_of(policy_id),
            to=body.validated_data["version"],
            reason=body.validated_data["reason"],
            break_cases=body.validated_data["break_cases"],
            by=author(caller(request)),
            precondition=partial(require_match, request),
        )
        return answer_of(policy)


def _policy(policy_id: str) -> Policy:
    policy = Policy.objects.live().filter(pk=key_of(policy_id)).first()
    if policy is None:
        raise PolicyNotFoundError
    return policy


def _number(text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise PolicyNotFoundError(f"No version is called {text[:20]}.")
    return int(text)


def _version(policy: Policy, number: int) -> PolicyVersion:
    version = policy.versions.filter(number=number).first()
    if version is None:
        raise PolicyNotFoundError(f"The policy has no version {number}.")
    return version
