"""What a failure of a call to Kite means: by the call that was made, never by the broker's message.

Kite says TokenException for an ended session, a wrong checksum and a used request token alike.
"""

from requests.exceptions import InvalidHeader, InvalidURL

from trading.brokers.base import (
    BrokerError,
    BrokerRefusedError,
    BrokerThrottledError,
)
from trading.brokers.calls import Call
from trading.brokers.kite_client import Wire, kite_library

NEVER_SENT = (
    InvalidHeader,
    InvalidURL,
    UnicodeError,
)  # what we hold cannot even be put in a request


def translate(call: Call, error: Exception, wire: Wire) -> BrokerError:
    """The `BrokerError` for `error`, with nothing of it but the class name and the HTTP status."""
    status = wire.status
    detail = type(error).__name__ if status is None else f"{type(error).__name__}, HTTP {status}"
    failure = _meaning(call, error, status)
    return failure(detail, status=status, retry_after=wire.retry_after)


def _meaning(call: Call, error: Exception, status: int | None) -> type[BrokerError]:
    kite = kite_library().exceptions
    if status is None and isinstance(error, NEVER_SENT):
        return BrokerRefusedError
    if status == 429:
        return BrokerThrottledError
    if status is not None and 400 <= status < 500:
        if isinstance(error, kite.TokenException):
            return call.token_refused
        if isinstance(error, kite.InputException):
            return call.input_refused
        if isinstance(error, kite.PermissionException | kite.GeneralException):
            return BrokerRefusedError
    return call.broken_off
