"""A rate limit for each account, whoever asks."""

from dataclasses import replace

from rest_framework.request import Request

from config.http import ratelimit
from config.http.ratelimit import RateLimit
from config.http.views import APIView
from trading.models import TradingAccount


class AccountLimitedView(APIView):
    """A view whose handler calls `admit` with the account that it has found and lets the caller use.

    Not sooner: a stranger could use up the account's tokens, and ids of nothing would have buckets too.
    """

    account_limit: RateLimit

    def admit(self, request: Request, account: TradingAccount) -> None:
        """Take one of the account's tokens. Raises RateLimitedError when there is none."""
        limit = replace(self.account_limit, key=lambda _: account.public_id)
        self.usages = [*self.usages, *ratelimit.enforce(request, [limit])]
