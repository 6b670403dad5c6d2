"""How often one place may try to sign in, at whichever door."""

from django.conf import settings

from config.http import context
from config.http.client_ip import household_of, network_of
from config.http.metrics import RATE_LIMITED
from config.http.ratelimit import RateLimit, by_network, take

PERIOD = 900  # seconds
PER_ADDRESS = RateLimit(name="login", limit=30, period=PERIOD)
PER_NETWORK = RateLimit(
    name="login_network",
    limit=settings.ENVIRONMENT.sign_ins_per_network,
    period=PERIOD,
    key=by_network,
)


def may_try() -> bool:
    """Take a try for the request in hand out of the buckets that the API's door takes from."""
    address = context.current().ip
    buckets = ((PER_ADDRESS, household_of(address)), (PER_NETWORK, network_of(address)))
    for policy, bucket in buckets:
        if not take(policy, bucket).allowed:
            RATE_LIMITED.labels(policy.name).inc()
            return False
    return True
