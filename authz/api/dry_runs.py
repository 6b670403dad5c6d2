"""Trying a draft on what was decided."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.dry_run_serializers import DryRunSerializer, DryRunWriteSerializer
from authz.api.policies import PolicyAPIView, key_of
from authz.services.dry_runs import dry_run


class DryRunView(PolicyAPIView):
    """`POST /v1/authz/policies/dry-run`"""

    @extend_schema(
        operation_id="authz_policies_dry_run",
        summary="What would this draft have changed?",
        description="Recorded decisions are decided again, from what was known then, by the policies in force and by "
        "those with the draft among them. Stores nothing. The newest come first, up to a limit in number and time.",
        request=DryRunWriteSerializer,
        responses=DryRunSerializer,
    )
    def post(self, request: Request) -> Response:
        body = DryRunWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = dict(body.validated_data)
        policy = asked.pop("policy", None)
        found = dry_run(policy_id=None if policy is None else key_of(policy), **asked)
        return Response(DryRunSerializer(found).data)
