"""Which roles a person holds."""

from typing import Any

from django.contrib.auth import get_user_model
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.policy_serializers import ReasonSerializer
from authz.api.questions import caller
from authz.api.role_serializers import GrantSerializer, GrantsSerializer, GrantWriteSerializer
from authz.errors import PersonNotFoundError, RoleNotFoundError
from authz.models import RoleGrant
from authz.services import roles
from authz.services.roles import Person
from config.http.permissions import RequireScope
from config.http.views import APIView

READ_SCOPE = "users:read"
WRITE_SCOPE = "roles:write"


class RoleAPIView(APIView):
    """A person reads their own roles; others need `users:read` for that, and `roles:write` for changes."""

    def get_permissions(self) -> list[BasePermission]:
        if self.request.method not in {"GET", "HEAD", "OPTIONS"}:
            return [RequireScope(WRITE_SCOPE)()]
        own = f"user:{self.kwargs.get('user_id')}"
        if self.request.auth is not None and caller(self.request).subject == own:
            return [IsAuthenticated()]
        return [RequireScope(READ_SCOPE)()]


class RolesView(RoleAPIView):
    """`GET /v1/users/{id}/roles`"""

    @extend_schema(
        operation_id="users_roles_list",
        summary="The roles that a person holds now",
        responses=GrantsSerializer,
    )
    def get(self, request: Request, user_id: str) -> Response:
        held = RoleGrant.objects.live().of(_person(user_id).pk).select_related("role")
        return Response({"results": GrantSerializer(held.order_by("role__name"), many=True).data})


class RoleView(RoleAPIView):
    """`/v1/users/{id}/roles/{role}`"""

    @extend_schema(
        operation_id="users_roles_read",
        summary="How a person came to hold a role",
        responses=GrantSerializer,
    )
    def get(self, request: Request, user_id: str, role: str) -> Response:
        held = RoleGrant.objects.live().of(_person(user_id).pk).for_role(role)
        grant = held.select_related("role").first()
        if grant is None:
            raise RoleNotFoundError("The person does not hold this role.")
        return Response(GrantSerializer(grant).data)

    @extend_schema(
        operation_id="users_roles_grant",
        summary="Let a person hold a role",
        description="In force when this returns, in every process. Nobody grants to themself, nor a role with scopes "
        "that they do not hold. A grant in force is replaced.",
        request=GrantWriteSerializer,
        responses=GrantSerializer,
    )
    def put(self, request: Request, user_id: str, role: str) -> Response:
        body = GrantWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        grant = roles.grant_role(
            user=_person(user_id), role=role, granted_by=caller(request), **body.validated_data
        )
        return Response(GrantSerializer(grant).data)

    @extend_schema(
        operation_id="users_roles_revoke",
        summary="Take a role away",
        description="No decision counts it any more when this returns.",
        parameters=[ReasonSerializer],
        responses={204: None},
    )
    def delete(self, request: Request, user_id: str, role: str) -> Response:
        query = ReasonSerializer(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        roles.revoke_role(
            user=_person(user_id), role=role, revoked_by=caller(request), **query.validated_data
        )
        return Response(status=204)


def _person(user_id: str) -> Person:
    people: Any = get_user_model()
    person: Person | None = people.objects.filter(pk=people.parse_id(user_id)).first()
    if person is None:
        raise PersonNotFoundError
    return person
