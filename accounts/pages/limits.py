"""How often a page's form may be sent: the buckets of the API's endpoints, so that pages are no way around them."""

from django.forms import ValidationError
from django.utils.translation import gettext as _

from accounts.sign_in_limits import may_try
from config.http import context
from config.http.client_ip import household_of
from config.http.metrics import RATE_LIMITED
from config.http.ratelimit import RateLimit, take

SIGN_UP = RateLimit(name="register", limit=5, period=3600)
RESEND = RateLimit(name="email_resend", limit=5, period=3600)
EMAIL_CHANGE = RateLimit(name="email_change", limit=5, period=3600)
RESET = RateLimit(name="password_reset", limit=5, period=3600)
PROVIDER = RateLimit(name="provider_sign_in", limit=30, period=900)


def require(policy: RateLimit, key: str = "") -> None:
    """Take a token for `key`, by default the caller's address. Raises ValidationError, in words, when none is left."""
    if not take(policy, key or household_of(context.current().ip)).allowed:
        RATE_LIMITED.labels(policy.name).inc()
        raise _too_many()


def require_sign_in() -> None:
    """The same for a try to sign in, which an address has and its network."""
    if not may_try():
        raise _too_many()


def _too_many() -> ValidationError:
    return ValidationError(_("Too many tries. Wait a few minutes."), code="rate_limited")
