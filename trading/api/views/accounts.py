"""Trading accounts: the list, and one of them."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from authz.api.questions import facts
from config.http.etags import etag, require_match
from config.http.pagination import CursorPages
from config.http.permissions import RequireStepUp, RequireUser
from config.http.principal import principal_of
from config.http.views import APIView
from trading.api.lookup import account_for, caller, reachable
from trading.api.serializers import AccountSerializer, RenameSerializer
from trading.models import TradingAccount
from trading.services import access, renaming, unlinking


class AccountListView(APIView):
    """`GET /v1/trading-accounts`"""

    permission_classes = (RequireUser,)
    api_key_scopes = {"GET": "accounts:read"}
    pagination_class = CursorPages

    @extend_schema(
        operation_id="trading_accounts_list",
        summary="The accounts that you own or share",
        responses=AccountSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        user, pages = caller(request), CursorPages()
        accounts = pages.paginate_queryset(reachable(user), request, self)
        readable = access.readable(
            user=user, accounts=accounts, circumstances=facts(principal_of(request))
        )
        shown = AccountSerializer(readable, many=True, context={"request": request})
        return pages.get_paginated_response(shown.data)


class AccountView(APIView):
    """`/v1/trading-accounts/{id}`"""

    api_key_scopes = {"GET": "accounts:read"}

    def get_permissions(self) -> list[BasePermission]:
        return [RequireStepUp() if self.request.method == "DELETE" else RequireUser()]

    @extend_schema(
        operation_id="trading_accounts_read", summary="One account", responses=AccountSerializer
    )
    def get(self, request: Request, account_id: str) -> Response:
        return answer(request, account_for(request, account_id, action=access.READ))

    @extend_schema(
        operation_id="trading_accounts_rename",
        summary="Call an account something else",
        description="With `If-Match`, only if it is still what you read.",
        request=RenameSerializer,
        responses=AccountSerializer,
    )
    def patch(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.MANAGE)
        body = RenameSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        renaming.rename(
            account_id=account.pk,
            precondition=partial(require_match, request, required=False),
            **body.validated_data,
        )
        return answer(request, reachable(caller(request)).get(pk=account.pk))

    @extend_schema(
        operation_id="trading_accounts_unlink",
        summary="Unlink an account",
        description="Its broker session is ended and its data key destroyed: this cannot be undone. "
        "For its owner alone. Wants a fresh second factor.",
        responses={204: None},
    )
    def delete(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.UNLINK)
        unlinking.unlink(account_id=account.pk, owner_id=account.owner_id)
        return Response(status=204)


def answer(request: Request, account: TradingAccount, **options: Any) -> Response:
    """The account as a body, with its ETag."""
    shown = AccountSerializer(account, context={"request": request})
    return Response(shown.data, headers={"ETag": etag(account)}, **options)
