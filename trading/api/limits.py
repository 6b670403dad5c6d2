"""A rate limit for each account, whoever asks."""

from dataclasses import replace
from hashlib import sha256

from rest_framework.request import Request

from config.http import ratelimit
from config.http.ratelimit import RateLimit
from config.http.views import APIView
from trading.models import TradingAccount

# Invitations and their repetitions together, whether or not anybody has an account with the address.
MAILS_TO_ONE_ADDRESS = RateLimit(name="invitation_mails", limit=5, period=86_400)


def key_of(account: TradingAccount, *, whom: str = "") -> str:
    """The bucket of an account, or the one that it has for `whom`, who is not told by its name."""
    return f"{account.public_id}:{sha256(whom.encode()).hexdigest()}" if whom else account.public_id


class AccountLimitedView(APIView):
    """A view whose handler calls `admit` with the account that it has found and lets the caller use.

    Not sooner: a stranger could use up the account's tokens, and ids of nothing would have buckets too.
    """

    account_limit: RateLimit

    def admit(self, request: Request, account: TradingAccount, *, whom: str = "") -> None:
        """Take one of the account's tokens, or of those that it has for `whom`. Raises RateLimitedError when there is
        none."""
        key = key_of(account, whom=whom)
        limit = replace(self.account_limit, key=lambda _: key)
        self.usages = [*self.usages, *ratelimit.enforce(request, [limit])]
