"""Profile and margins, now."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.permissions import RequireUser
from config.http.principal import principal_of
from config.http.ratelimit import RateLimit
from config.http.views import APIView
from config.jobs.api.serializers import JobSerializer
from config.jobs.services import enqueue
from trading.api.lookup import account_for
from trading.services import access, transitions
from trading.tasks import sync_account


def by_account(request: Request) -> str:
    """A bucket for each account, whoever asks."""
    return str(request.parser_context["kwargs"]["account_id"])


class SyncView(APIView):
    """`POST /v1/trading-accounts/{id}/sync`"""

    permission_classes = (RequireUser,)
    rate_limits = (RateLimit(name="account_sync", limit=6, period=60, key=by_account),)

    @extend_schema(
        operation_id="trading_accounts_sync",
        summary="Ask the broker for profile and margins now",
        request=None,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.READ)
        transitions.require(account, transitions.Cause.SESSION_ENDED)
        job = enqueue(
            kind="trading.sync",
            task=sync_account,
            owner=principal_of(request),
            arguments={"account_id": str(account.pk)},
        )
        return Response(JobSerializer(job).data, status=202)
