"""`/v1/mfa/passkeys`: a person's passkeys."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.permissions import RequireRecentProof, RequireStepUp, RequireUser
from config.http.principal import principal_of
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView
from mfa.api.serializers import (
    AddedPasskeySerializer,
    FactorSerializer,
    NewPasskeySerializer,
    PasskeyNameSerializer,
    PublicKeyOptionsSerializer,
)
from mfa.api.views import caller
from mfa.services import passkeys


class PasskeyOptionsView(APIView):
    permission_classes = (RequireRecentProof,)
    rate_limits = (RateLimit(name="passkey_options", limit=30, period=900, key=by_caller),)

    @extend_schema(
        operation_id="mfa_passkeys_options", request=None, responses=PublicKeyOptionsSerializer
    )
    def post(self, request: Request) -> Response:
        """Begin to add a passkey: what to call `navigator.credentials.create` with, in this session, once."""
        options = passkeys.begin(user=caller(request), binding=principal_of(request).session_id)
        return Response({"public_key": options})


class PasskeysView(APIView):
    permission_classes = (RequireRecentProof,)
    rate_limits = (RateLimit(name="passkey_add", limit=20, period=3600, key=by_caller),)

    @extend_schema(
        operation_id="mfa_passkeys_add",
        request=NewPasskeySerializer,
        responses={201: AddedPasskeySerializer},
    )
    def post(self, request: Request) -> Response:
        """Finish with what the authenticator made. Backup codes come with the first factor: they are shown here and
        never again.
        """
        asked = NewPasskeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        added = passkeys.add(
            user=caller(request),
            credential=asked.validated_data["credential"],
            name=asked.validated_data["name"],
            binding=principal_of(request).session_id,
        )
        return Response(AddedPasskeySerializer(added).data, status=status.HTTP_201_CREATED)


class PasskeyView(APIView):
    def get_permissions(self) -> list[RequireUser]:
        return [RequireStepUp() if self.request.method == "DELETE" else RequireUser()]

    @extend_schema(
        operation_id="mfa_passkeys_rename",
        request=PasskeyNameSerializer,
        responses=FactorSerializer,
    )
    def patch(self, request: Request, passkey_id: str) -> Response:
        """Call one of your passkeys by another name."""
        passkeys.own(caller(request), passkey_id)
        asked = PasskeyNameSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        renamed = passkeys.rename(
            user=caller(request), passkey_id=passkey_id, name=asked.validated_data["name"]
        )
        return Response(FactorSerializer(renamed).data)

    @extend_schema(
        operation_id="mfa_passkeys_remove", responses={204: OpenApiResponse(description="Removed.")}
    )
    def delete(self, request: Request, passkey_id: str) -> Response:
        """Remove one of your passkeys; with the last factor go the backup codes. Wants a fresh second factor."""
        passkeys.remove(user=caller(request), passkey_id=passkey_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
