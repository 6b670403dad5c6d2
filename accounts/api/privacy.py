"""One's own data: `/v1/users/me/export`; and for staff, what people asked and what stands in the way."""

from typing import Any, ClassVar

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.users import ReasonSerializer, find_user
from accounts.models import User
from accounts.services import erasure
from accounts.services.status import require_reach
from audit.privacy.errors import ArchiveGoneError
from audit.privacy.models import LegalHold, PrivacyRequest, RequestKind, RequestState
from audit.privacy.services import exports, holds
from config.http.parameters import once_each
from config.http.permissions import RequireScope, RequireUser
from config.http.principal import Principal, principal_of
from config.http.ratelimit import RateLimit, by_caller
from config.http.serializers import StrictSerializer
from config.http.views import APIView


class PrivacyRequestSerializer(serializers.ModelSerializer[PrivacyRequest]):
    id = serializers.CharField(source="public_id", read_only=True)
    user_id = serializers.CharField(source="subject.public_id", read_only=True)

    class Meta:
        model = PrivacyRequest
        fields: ClassVar[list[str]] = [
            "id",
            "user_id",
            "kind",
            "state",
            "created_at",
            "due_at",
            "not_before",
            "finished_at",
            "job_id",
            "archive_expires_at",
        ]
        read_only_fields: ClassVar[list[str]] = fields


class StaffRequestSerializer(PrivacyRequestSerializer):
    class Meta(PrivacyRequestSerializer.Meta):
        fields: ClassVar[list[str]] = [
            *PrivacyRequestSerializer.Meta.fields,
            "requested_by",
            "reason",
            "result",
        ]
        read_only_fields: ClassVar[list[str]] = fields


class LegalHoldSerializer(serializers.ModelSerializer[LegalHold]):
    id = serializers.CharField(source="public_id", read_only=True)
    user_id = serializers.CharField(source="subject.public_id", read_only=True)

    class Meta:
        model = LegalHold
        fields: ClassVar[list[str]] = [
            "id",
            "user_id",
            "reason",
            "placed_by",
            "created_at",
            "lifted_at",
            "lifted_by",
            "lift_reason",
        ]
        read_only_fields: ClassVar[list[str]] = fields


class RequestFilterSerializer(StrictSerializer):
    kind = serializers.ChoiceField(RequestKind.choices, required=False)
    state = serializers.ChoiceField(RequestState.choices, required=False)


class MyExportView(APIView):
    permission_classes = (RequireUser,)

    @extend_schema(operation_id="users_me_export_read", responses=PrivacyRequestSerializer)
    def get(self, request: Request) -> Response:
        """The caller's newest archive: how it stands, and until when it can be fetched."""
        newest = exports.newest(_caller(request))
        if newest is None:
            raise ArchiveGoneError
        return Response(PrivacyRequestSerializer(newest).data)

    @extend_schema(
        operation_id="users_me_export", request=None, responses={202: PrivacyRequestSerializer}
    )
    def post(self, request: Request) -> Response:
        """Have an archive of all that is held of the caller made: a job, and a mail when it is ready."""
        asked = exports.ask(subject=_caller(request), by=principal_of(request))
        return Response(PrivacyRequestSerializer(asked).data, status=status.HTTP_202_ACCEPTED)


class MyArchiveView(APIView):
    permission_classes = (RequireUser,)
    rate_limits = (RateLimit(name="archive", limit=20, period=3600, key=by_caller),)

    @extend_schema(
        operation_id="users_me_export_fetch",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> FileResponse:
        """The caller's newest archive itself, for a day after it was made."""
        return archive_answer(_caller(request))


class PrivacyRequestsView(APIView, GenericAPIView):  # type: ignore[type-arg]
    permission_classes = (RequireScope("privacy:read"),)
    serializer_class = StaffRequestSerializer
    queryset = PrivacyRequest.objects.none()

    @extend_schema(
        operation_id="privacy_requests_list",
        parameters=[RequestFilterSerializer],
        responses=StaffRequestSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """What people asked about their data, newest first, for staff."""
        query = RequestFilterSerializer(data=once_each(request.query_params))
        query.is_valid(raise_exception=True)
        rows = PrivacyRequest.objects.select_related("subject").filter(**query.validated_data)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class StaffPrivacyView(APIView):
    """Base of what staff do about a person's data, each with a reason."""

    permission_classes = (RequireScope("privacy:write"),)

    def asked(self, request: Request, user_id: str) -> tuple[User, Principal, str]:
        """About whom, by whom, and why. Raises ForbiddenError for somebody who may do more than the caller."""
        body = ReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user, caller = find_user(user_id), principal_of(request)
        require_reach(user, scopes=caller.scopes)
        return user, caller, body.validated_data["reason"]


class ExportForPersonView(StaffPrivacyView):
    @extend_schema(
        operation_id="users_export",
        request=ReasonSerializer,
        responses={202: PrivacyRequestSerializer},
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Have the archive of a person made, who is mailed when they can fetch it. Nobody else can."""
        user, caller, reason = self.asked(request, user_id)
        asked = exports.ask(subject=user, by=caller, reason=reason)
        return Response(PrivacyRequestSerializer(asked).data, status=status.HTTP_202_ACCEPTED)


class EraseView(StaffPrivacyView):
    @extend_schema(
        operation_id="users_erase",
        request=ReasonSerializer,
        responses={202: PrivacyRequestSerializer},
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Close the account of a person who asked to be erased; it happens after the grace, and not under a hold."""
        user, caller, reason = self.asked(request, user_id)
        asked = erasure.ask(user=user, by=caller.subject, reason=reason)
        return Response(PrivacyRequestSerializer(asked).data, status=status.HTTP_202_ACCEPTED)


class PlaceHoldView(StaffPrivacyView):
    @extend_schema(
        operation_id="users_legal_hold",
        request=ReasonSerializer,
        responses={201: LegalHoldSerializer},
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Let nothing of a person be erased until the hold is lifted."""
        user, caller, reason = self.asked(request, user_id)
        hold = holds.place(subject=user, by=caller.subject, reason=reason)
        return Response(LegalHoldSerializer(hold).data, status=status.HTTP_201_CREATED)


class LiftHoldView(StaffPrivacyView):
    @extend_schema(
        operation_id="users_legal_hold_lift",
        request=ReasonSerializer,
        responses=LegalHoldSerializer,
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Lift the legal hold of a person."""
        user, caller, reason = self.asked(request, user_id)
        hold = holds.lift(subject=user, by=caller.subject, reason=reason)
        return Response(LegalHoldSerializer(hold).data)


def archive_answer(user: User) -> FileResponse:
    """The person's newest archive as a file to save, read from disk as it is sent. Raises ArchiveGoneError."""
    return FileResponse(
        exports.fetch(subject=user).open("rb"),
        as_attachment=True,
        filename=f"{user.public_id}.zip",
        content_type="application/zip",
        headers={"Cache-Control": "no-store"},
    )


def _caller(request: Request) -> Any:
    return request.user
