"""Giving an account to one of its members, from both sides."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.pagination import CursorPages
from config.http.permissions import RequireStepUp, RequireUser
from config.http.problems import NotFoundError
from config.http.ratelimit import RateLimit, by_caller
from config.http.views import APIView
from trading.api.lookup import account_for, caller, membership_key, transfer_key
from trading.api.ownership_serializers import (
    OwnershipOfferSerializer,
    OwnershipTransferSerializer,
    shown,
)
from trading.api.serializers import AccountSerializer
from trading.api.views.accounts import answer
from trading.models import OwnershipTransfer
from trading.services import access, handover, ownership, ownership_offers


class OwnershipTransferView(APIView):
    """`/v1/trading-accounts/{id}/ownership-transfer`"""

    rate_limits = (RateLimit(name="ownership_offers", limit=30, period=3600, key=by_caller),)

    def get_permissions(self) -> list[BasePermission]:
        return [RequireStepUp() if self.request.method == "POST" else RequireUser()]

    @extend_schema(
        operation_id="trading_account_ownership_offer_read",
        summary="The offer of this account that stands",
        responses=OwnershipTransferSerializer,
    )
    def get(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.TRANSFER)
        transfer = ownership_offers.standing().open(timezone.now()).filter(account=account).first()
        if transfer is None:
            raise NotFoundError
        return Response(shown(transfer))

    @extend_schema(
        operation_id="trading_account_ownership_offer",
        summary="Offer the account to one of its members",
        description="For its owner alone. Wants a fresh second factor, and so does accepting. One offer at a time. "
        "Nothing changes until it is accepted; then the login at the broker ends.",
        request=OwnershipOfferSerializer,
        responses={201: OwnershipTransferSerializer},
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.TRANSFER)
        body = OwnershipOfferSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        transfer = ownership.offer(
            account=account,
            offered_by=caller(request),
            membership_id=membership_key(body.validated_data["membership_id"]),
            keeps=body.validated_data["keeps"],
        )
        return Response(shown(transfer), status=201)

    @extend_schema(
        operation_id="trading_account_ownership_withdraw",
        summary="Take the offer back",
        responses={204: None},
    )
    def delete(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.TRANSFER)
        ownership.withdraw(account=account)
        return Response(status=204)


class OfferedAccountsView(APIView):
    """`GET /v1/ownership-transfers`"""

    permission_classes = (RequireUser,)
    pagination_class = CursorPages

    @extend_schema(
        operation_id="ownership_transfers_list",
        summary="The accounts that you are offered",
        responses=OwnershipTransferSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        pages = CursorPages()
        mine = ownership_offers.standing().open(timezone.now()).to(caller(request))
        return pages.get_paginated_response(
            shown(pages.paginate_queryset(mine, request, self), many=True)
        )


class AcceptOwnershipView(APIView):
    """`POST /v1/ownership-transfers/{transfer_id}/accept`"""

    permission_classes = (RequireStepUp,)

    @extend_schema(
        operation_id="ownership_transfers_accept",
        summary="Own the account that you are offered",
        description="Wants a fresh second factor. The account then waits for a login at the broker, "
        "as the broker user that it was linked with.",
        request=None,
        responses=AccountSerializer,
    )
    def post(self, request: Request, transfer_id: str) -> Response:
        account = handover.accept(transfer_id=transfer_key(transfer_id), user=caller(request))
        return answer(request, account_for(request, account.public_id, action=access.READ))


class DeclineOwnershipView(APIView):
    """`POST /v1/ownership-transfers/{transfer_id}/decline`"""

    permission_classes = (RequireUser,)

    @extend_schema(
        operation_id="ownership_transfers_decline",
        summary="Decline the account that you are offered",
        request=None,
        responses=OwnershipTransferSerializer,
    )
    def post(self, request: Request, transfer_id: str) -> Response:
        transfer: OwnershipTransfer = ownership.decline(
            transfer_id=transfer_key(transfer_id), user=caller(request)
        )
        return Response(shown(transfer))
