"""Profile and margins, now: of one account and of all; and how it went before."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.pagination import CursorPages
from config.http.permissions import RequireScope, RequireUser
from config.http.principal import principal_of
from config.http.ratelimit import RateLimit
from config.http.views import APIView
from config.jobs.api.serializers import JobSerializer
from config.replicas.reading import may_be_old
from trading.api.limits import AccountLimitedView
from trading.api.lookup import account_for
from trading.api.sync_serializers import SyncRunSerializer
from trading.models import SyncRun, SyncTrigger
from trading.services import access, bulk_sync, sync_requests


class SyncView(AccountLimitedView):
    """`POST /v1/trading-accounts/{id}/sync`"""

    permission_classes = (RequireUser,)
    api_key_scopes = {"POST": "accounts:sync"}
    account_limit = RateLimit(name="account_sync", limit=6, period=60)

    @extend_schema(
        operation_id="trading_accounts_sync",
        summary="Ask the broker for profile and margins now",
        description="409 `sync-under-way` while a sync of the account is running: it brings the same.",
        request=None,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = account_for(request, account_id, action=access.READ)
        self.admit(request, account)
        job = sync_requests.request(
            account=account, owner=principal_of(request), trigger=SyncTrigger.REQUEST
        )
        return Response(JobSerializer(job).data, status=202)


class SyncRunsView(APIView):
    """`GET /v1/trading-accounts/{id}/sync-runs`"""

    permission_classes = (RequireUser,)
    api_key_scopes = {"GET": "accounts:read"}
    pagination_class = CursorPages

    @extend_schema(
        operation_id="trading_account_sync_runs_list",
        summary="The syncs of an account, newest first",
        responses=SyncRunSerializer(many=True),
    )
    @may_be_old(SyncRun)
    def get(self, request: Request, account_id: str) -> Response:
        account, pages = account_for(request, account_id, action=access.READ), CursorPages()
        runs = account.sync_runs.select_related("account", "job")
        shown = SyncRunSerializer(pages.paginate_queryset(runs, request, self), many=True)
        return pages.get_paginated_response(shown.data)


class BulkSyncView(APIView):
    """`POST /v1/admin/trading-accounts/sync-profiles`"""

    permission_classes = (RequireScope("trading:sync"),)

    @extend_schema(
        operation_id="admin_trading_accounts_sync",
        summary="Sync every account that has a session at its broker",
        description="One job at a time: while one is unfinished it is the answer, and nothing is done twice. "
        "`GET /v1/jobs/{id}` tells its progress and, in the end, how many syncs had which outcome.",
        request=None,
        responses={202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        started = bulk_sync.start(owner=principal_of(request), trigger=SyncTrigger.STAFF)
        return Response(JobSerializer(started.job).data, status=202)
