"""Profile and margins, now."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.permissions import RequireUser
from config.http.principal import principal_of
from config.http.ratelimit import RateLimit
from config.jobs.api.serializers import JobSerializer
from config.jobs.services import enqueue
from trading.api.limits import AccountLimitedView
from trading.api.lookup import account_for
from trading.services import access, transitions
from trading.tasks import sync_account


class SyncView(AccountLimitedView):
    """`POST /v1/trading-accounts/{id}/sync`"""

    permission_classes = (RequireUser,)
    api_key_scopes = {"POST": "accounts:sync"}
    account_limit = RateLimit(name="account_sync", limit=6, period=60)

    @extend_schema(
        operation_id="trading_accounts_sync",
        summary="Ask the broker for profile and margins now",
        request=None,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.READ)
        self.admit(request, account)
        transitions.require(account, transitions.Cause.SESSION_ENDED)
        job = enqueue(
            kind="trading.sync",
            task=sync_account,
            owner=principal_of(request),
            arguments={"account_id": str(account.pk)},
        )
        return Response(JobSerializer(job).data, status=202)
