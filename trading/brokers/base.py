"""What a broker is to us: five calls, the values they return, and the ways in which they fail.

`docs/contributors/adding-a-broker.md` leads through an adapter.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol


@dataclass(frozen=True, kw_only=True)
class BrokerCredentials:
    """What a person registered with the broker. The secret never shows in a `repr`."""

    api_key: str
    api_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class BrokerLogin:
    """A finished login: whose account it is, the token of the day and when it ends at the latest (UTC)."""

    broker_user_id: str
    access_token: str = field(repr=False)
    expires_at: datetime
    login_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class BrokerProfile:
    """The broker's view of the person, in the broker's own words where we have none."""

    broker_user_id: str
    name: str
    email: str
    exchanges: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    order_types: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Margin:
    """Funds of one segment, in rupees as decimal strings."""

    segment: str
    enabled: bool
    net: str
    available_cash: str
    utilised: str


class BrokerError(Exception):
    """Base of what a broker call can end in. Carries no text of the broker's answer but `detail`,
    which the adapter wrote itself, so it may be logged and shown.
    """

    reason: ClassVar[str] = "failed"

    def __init__(
        self, detail: str = "", *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail or self.reason)
        self.detail = detail or self.reason
        self.status = status
        self.retry_after = retry_after


class BrokerUnavailableError(BrokerError):
    """Network, time-out, 5xx or nonsense in the answer: nothing is known; trying again later may help."""

    reason = "unavailable"


class BrokerOutcomeUnknownError(BrokerUnavailableError):
    """A call that must not be repeated broke off: it may have taken effect. The person logs in again."""

    reason = "outcome_unknown"


class BrokerThrottledError(BrokerUnavailableError):
    """The broker's rate limit; `retry_after` seconds when it said so."""

    reason = "throttled"


class NotAskedError(BrokerUnavailableError):
    """We did not ask, so that nothing is known of this account; `retry_after` says when to come again."""

    reason = "not_asked"


class CircuitOpenError(NotAskedError):
    """The broker has stopped to answer anybody; it is left alone for a while."""

    reason = "circuit_open"


class TooManyWaitingError(NotAskedError):
    """The API key's limit is taken up for longer than the caller can wait."""

    reason = "rate_limited"


class SessionEndedError(BrokerError):
    """The broker does not know this access token (any more): the person must log in again."""

    reason = "session_ended"


class LoginRefusedError(BrokerError):
    """The request token was used, is too old, or the key and secret do not belong together."""

    reason = "login_refused"


class BrokerRefusedError(BrokerError):
    """The broker understood and refused (permission, input); trying again changes nothing."""

    reason = "refused"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast a broker may be asked with one API key: evenly, but for `burst` requests at once."""

    per_second: float
    burst: int = 1


class Broker(Protocol):
    """One broker. Implementations keep no state between calls and are safe to use from many threads.

    `name` is its name in the registry. `asks_for_credentials` says whether a person brings a key and a secret that
    they registered there; else `issue_credentials` makes them. `pace` is the broker's limit for what reads a person's
    data; beyond it comes BrokerThrottledError.
    """

    name: str
    asks_for_credentials: bool
    pace: Pace

    def issue_credentials(self) -> BrokerCredentials:
        """Fresh credentials for an account. Raises BrokerRefusedError where a person brings theirs, and
        BrokerUnavailableError.
        """
        ...

    def begin_login(self, credentials: BrokerCredentials, *, state: str) -> str:
        """The URL to send the person to; the broker hands `state` back on its redirect."""
        ...

    def complete_login(self, credentials: BrokerCredentials, *, request_token: str) -> BrokerLogin:
        """Exchange what the broker's redirect brought. Never repeated.

        Raises LoginRefusedError, BrokerOutcomeUnknownError, BrokerThrottledError, BrokerRefusedError.
        """
        ...

    def profile(self, credentials: BrokerCredentials, *, access_token: str) -> BrokerProfile:
        """Raises SessionEndedError, BrokerUnavailableError, BrokerThrottledError, BrokerRefusedError."""
        ...

    def margins(self, credentials: BrokerCredentials, *, access_token: str) -> tuple[Margin, ...]:
        """Raises as `profile` does."""
        ...

    def end_session(self, credentials: BrokerCredentials, *, access_token: str) -> None:
        """End the session; one that has ended already is no error.

        Raises BrokerUnavailableError, BrokerThrottledError, BrokerRefusedError.
        """
        ...
