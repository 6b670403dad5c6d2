"""`/v1/users`: oneself, and everybody for staff."""

from functools import partial
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth_serializers import UserSerializer
from accounts.models import Preferences, User
from accounts.models.user import UserStatus, validate_phone, validate_timezone
from accounts.services import preferences, profile
from accounts.services import status as account_status
from config.http.etags import etag, require_match
from config.http.json import MergePatchParser
from config.http.permissions import RequireScope, RequireStepUp, RequireUser
from config.http.principal import principal_of
from config.http.problems import FieldError, InvalidRequestError, NotFoundError
from config.http.serializers import StrictSerializer
from config.http.views import APIView, body_of
from config.replicas.reading import may_be_old


class ProfileSerializer(StrictSerializer):
    name = serializers.CharField(max_length=150, required=False)
    phone = serializers.CharField(max_length=16, required=False, allow_blank=True)
    timezone = serializers.CharField(max_length=64, required=False, validators=[validate_timezone])
    locale = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)

    def validate_phone(self, value: str) -> str:
        if value:
            validate_phone(value)
        return value


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class PreferencesDocumentSerializer(serializers.Serializer[Any]):
    """See `accounts.services.preferences.SCHEMA`."""

    class NotificationsSerializer(serializers.Serializer[Any]):
        new_device_email = serializers.BooleanField(required=False)
        broker_login_email = serializers.BooleanField(required=False)
        product_news_email = serializers.BooleanField(required=False)

    theme = serializers.ChoiceField(choices=["system", "light", "dark"], required=False)
    default_trading_account_id = serializers.CharField(
        required=False, allow_null=True, max_length=40
    )
    notifications = NotificationsSerializer(required=False)


class MeView(APIView):
    api_key_scopes = {"GET": "me:read"}

    def get_permissions(self) -> list[Any]:
        return [RequireStepUp()] if self.request.method == "DELETE" else [RequireUser()]

    @extend_schema(operation_id="users_me_read", responses=UserSerializer)
    def get(self, request: Request) -> Response:
        """The caller."""
        return _person(_caller(request))

    @extend_schema(
        operation_id="users_me_update", request=ProfileSerializer, responses=UserSerializer
    )
    def patch(self, request: Request) -> Response:
        """Change name, phone, time zone or language; with `If-Match`, only if it is still what you read."""
        asked = ProfileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = profile.update(
            user=_caller(request),
            changes=asked.validated_data,
            precondition=partial(require_match, request, required=False),
        )
        return _person(user)

    @extend_schema(operation_id="users_me_deactivate", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Close the account: every session ends, and API keys with them. It is erased after the grace that the mail
        names; until then, signing in offers to take it back. Wants a fresh second factor.
        """
        account_status.close_own(user=_caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PreferencesView(APIView):
    permission_classes = (RequireUser,)
    api_key_scopes = {"GET": "me:read", "PUT": "me:write", "PATCH": "me:write"}

    def get_parsers(self) -> list[Any]:
        """A patch may come under its own name. The writer of the OpenAPI document asks before there is a request."""
        parsers: list[Any] = super().get_parsers()
        patches = getattr(self.request, "method", None) == "PATCH"
        return [*parsers, MergePatchParser()] if patches else parsers

    @extend_schema(
        operation_id="users_me_preferences_read", responses=PreferencesDocumentSerializer
    )
    def get(self, request: Request) -> Response:
        """The caller's preferences, defaults included."""
        return _chosen(preferences.of(_caller(request)))

    @extend_schema(
        operation_id="users_me_preferences_replace",
        request=PreferencesDocumentSerializer,
        responses=PreferencesDocumentSerializer,
    )
    def put(self, request: Request) -> Response:
        """Replace what was chosen; what is left out goes back to its default. With `If-Match`, only if it is still
        what you read.
        """
        return _chosen(
            preferences.replace(
                user=_caller(request),
                document=body_of(request),
                precondition=partial(require_match, request, required=False),
            )
        )

    @extend_schema(
        operation_id="users_me_preferences_patch",
        request=PreferencesDocumentSerializer,
        responses=PreferencesDocumentSerializer,
    )
    def patch(self, request: Request) -> Response:
        """Change some of it (JSON merge patch, RFC 7396); null takes a choice back. With `If-Match`, only if it is
        still what you read.
        """
        return _chosen(
            preferences.patch(
                user=_caller(request),
                changes=body_of(request),
                precondition=partial(require_match, request, required=False),
            )
        )


class UsersView(APIView, GenericAPIView):  # type: ignore[type-arg]
    permission_classes = (RequireScope("users:read"),)
    serializer_class = UserSerializer
    queryset = User.objects.none()

    @extend_schema(
        operation_id="users_list",
        parameters=[
            OpenApiParameter(
                "search", str, description="Part of a name, e-mail or phone, or a whole id."
            ),
            OpenApiParameter("status", str, enum=UserStatus.values),
            OpenApiParameter("role", str, description="Holders of this role."),
        ],
        responses=UserSerializer(many=True),
    )
    @may_be_old(User)
    def get(self, request: Request) -> Response:
        """Everybody, newest first, for staff."""
        people = User.objects.all()
        wanted = request.query_params
        if search := wanted.get("search"):
            people = people.search(search)
        if state := wanted.get("status"):
            if state not in UserStatus.values:
                raise InvalidRequestError(
                    errors=[FieldError("status", "invalid_choice", "No such status.")]
                )
            people = people.filter(status=state)
        if role := wanted.get("role"):
            people = people.with_role(role)
        page = self.paginate_queryset(people)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class UserView(APIView):
    permission_classes = (RequireScope("users:read"),)

    @extend_schema(operation_id="users_read", responses=UserSerializer)
    def get(self, request: Request, user_id: str) -> Response:
        """One person, for staff."""
        return Response(UserSerializer(find_user(user_id)).data)


class StatusChangeView(APIView):
    """Base of the three ways in which staff change an account's state."""

    permission_classes = (RequireScope("users:write"),)

    def change(self, request: Request, user_id: str, service: Any) -> Response:
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = find_user(user_id)
        account_status.require_reach(user, scopes=principal_of(request).scopes)
        service(user=user, reason=asked.validated_data["reason"])
        return Response(UserSerializer(user).data)


class SuspendUserView(StatusChangeView):
    @extend_schema(operation_id="users_suspend", request=ReasonSerializer, responses=UserSerializer)
    def post(self, request: Request, user_id: str) -> Response:
        """Shut somebody out; their sessions end."""
        return self.change(request, user_id, account_status.suspend)


class ReactivateUserView(StatusChangeView):
    @extend_schema(
        operation_id="users_reactivate", request=ReasonSerializer, responses=UserSerializer
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Let somebody in again."""
        return self.change(request, user_id, account_status.reactivate)


class DeactivateUserView(StatusChangeView):
    @extend_schema(
        operation_id="users_deactivate", request=ReasonSerializer, responses=UserSerializer
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Close somebody's account; their sessions end."""
        return self.change(request, user_id, account_status.deactivate)


def find_user(user_id: str) -> User:
    """The person with this public id. Raises NotFoundError."""
    user = User.objects.with_public_id(user_id).first()
    if user is None:
        raise NotFoundError
    return user


def _person(user: User) -> Response:
    return Response(UserSerializer(user).data, headers={"ETag": etag(user)})


def _chosen(row: Preferences) -> Response:
    return Response(preferences.document_of(row), headers={"ETag": etag(row)})


def _caller(request: Request) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user
