"""`/v1/mfa`: a person's second factors."""

from typing import cast

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.permissions import RequireRecentProof, RequireStepUp, RequireUser
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView
from mfa.api.serializers import (
    BackupCodesSerializer,
    EnrolmentSerializer,
    FactorsSerializer,
    TotpCodeSerializer,
)
from mfa.models import BackupCode, Passkey, TotpDevice
from mfa.person import Person
from mfa.services import backup_codes, totp


def caller(request: Request) -> Person:
    """The person of a request that RequireUser or RequireStepUp let in."""
    return cast("Person", request.user)


class DevicesView(APIView):
    permission_classes = (RequireUser,)

    @extend_schema(operation_id="mfa_devices_list", responses=FactorsSerializer)
    def get(self, request: Request) -> Response:
        """Your second factors, and how many backup codes are left."""
        me = caller(request)
        factors = {
            "devices": [
                *TotpDevice.objects.confirmed().of(me.pk),
                *Passkey.objects.of(me.pk),
            ],
            "backup_codes_left": BackupCode.objects.of(me.pk).unused().count(),
        }
        return Response(FactorsSerializer(factors).data)


class EnrolView(APIView):
    permission_classes = (RequireRecentProof,)
    rate_limits = (RateLimit(name="mfa_enroll", limit=20, period=3600, key=by_caller),)

    @extend_schema(operation_id="mfa_totp_enroll", request=None, responses=EnrolmentSerializer)
    def post(self, request: Request) -> Response:
        """Begin to set up an authenticator app. It counts once a code of it is confirmed; beginning again replaces
        the secret.
        """
        return Response(EnrolmentSerializer(totp.enroll(user=caller(request))).data)


class ConfirmView(APIView):
    permission_classes = (RequireUser,)
    rate_limits = (RateLimit(name="mfa_confirm", limit=10, period=300, key=by_caller),)

    @extend_schema(
        operation_id="mfa_totp_confirm", request=TotpCodeSerializer, responses=BackupCodesSerializer
    )
    def post(self, request: Request) -> Response:
        """Finish setting up the app with a code that it shows. Backup codes come with the first factor: they are shown
        here and never again.
        """
        asked = TotpCodeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        codes = totp.confirm(user=caller(request), code=asked.validated_data["code"])
        return Response({"backup_codes": codes})


class TotpView(APIView):
    permission_classes = (RequireStepUp,)

    @extend_schema(
        operation_id="mfa_totp_remove", responses={204: OpenApiResponse(description="Removed.")}
    )
    def delete(self, request: Request) -> Response:
        """Remove the authenticator app; with the last factor go the backup codes."""
        totp.remove(user=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class BackupCodesView(APIView):
    permission_classes = (RequireStepUp,)
    rate_limits = (RateLimit(name="mfa_backup_codes", limit=10, period=3600, key=by_caller),)

    @extend_schema(
        operation_id="mfa_backup_codes_regenerate", request=None, responses=BackupCodesSerializer
    )
    def post(self, request: Request) -> Response:
        """A new set of backup codes, shown here and never again. The former set stops working."""
        return Response({"backup_codes": backup_codes.regenerate(user=caller(request))})
