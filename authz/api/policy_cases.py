"""The cases of policies: read, add, remove, run."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.policies import PolicyAPIView, key_of
from authz.api.policy_serializers import (
    CaseRunsSerializer,
    CaseSerializer,
    CaseWriteSerializer,
    ReasonSerializer,
)
from authz.api.questions import caller
from authz.errors import PolicyNotFoundError
from authz.models import Policy
from authz.services import case_runs, policy_cases
from authz.services.authorship import author
from config.http.pagination import CursorPages


class PolicyCasesView(PolicyAPIView):
    """`/v1/authz/policies/{id}/cases`"""

    pagination_class = CursorPages

    @extend_schema(
        operation_id="authz_policies_cases_list",
        summary="What the policy is meant to bring about, as cases",
        responses=CaseSerializer(many=True),
    )
    def get(self, request: Request, policy_id: str) -> Response:
        policy = Policy.objects.live().filter(pk=key_of(policy_id)).first()
        if policy is None:
            raise PolicyNotFoundError
        pages = CursorPages()
        page = pages.paginate_queryset(policy.cases.all(), request, self)
        return pages.get_paginated_response(CaseSerializer(page, many=True).data)

    @extend_schema(
        operation_id="authz_policies_cases_create",
        summary="Keep a case with the policy",
        description="It must hold now. From then on a change of any policy that breaks it is refused, unless it is "
        "told to `break_cases`.",
        request=CaseWriteSerializer,
        responses={201: CaseSerializer},
    )
    def post(self, request: Request, policy_id: str) -> Response:
        body = CaseWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        case = policy_cases.add(
            policy_id=key_of(policy_id), by=author(caller(request)), **body.validated_data
        )
        return Response(CaseSerializer(case).data, status=201)


class PolicyCaseView(PolicyAPIView):
    """`DELETE /v1/authz/policies/{id}/cases/{name}`"""

    @extend_schema(
        operation_id="authz_policies_cases_delete",
        summary="Give up a case",
        parameters=[ReasonSerializer],
        responses={204: None},
    )
    def delete(self, request: Request, policy_id: str, name: str) -> Response:
        query = ReasonSerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        policy_cases.remove(
            policy_id=key_of(policy_id),
            name=name,
            by=author(caller(request)),
            **query.validated_data,
        )
        return Response(status=204)


class CaseRunsView(PolicyAPIView):
    """`GET /v1/authz/policies/test`"""

    @extend_schema(
        operation_id="authz_policies_test",
        summary="Run the cases of all policies",
        responses=CaseRunsSerializer,
    )
    def get(self, request: Request) -> Response:
        runs = case_runs.run_all()
        answer = {"holds": all(run.holds for run in runs), "results": runs}
        return Response(CaseRunsSerializer(answer).data)
