"""What a failure of a call means: by the call that was made, never by the broker's message.

A broker that will not have a token says the same of a session that has ended, of a login token that was used and of a
key that does not fit. Only the one who asked knows which of these it was.
"""

from dataclasses import dataclass

from trading.brokers.base import (
    BrokerError,
    BrokerOutcomeUnknownError,
    BrokerRefusedError,
    BrokerUnavailableError,
    LoginRefusedError,
    SessionEndedError,
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A method of an adapter, and what it means when the broker refuses the token, the input, or breaks off."""

    name: str
    token_refused: type[BrokerError] = SessionEndedError
    input_refused: type[BrokerError] = BrokerRefusedError
    broken_off: type[BrokerUnavailableError] = BrokerUnavailableError


COMPLETE_LOGIN = Call(
    name="complete_login",
    token_refused=LoginRefusedError,
    input_refused=LoginRefusedError,  # the key, the request token and the checksum are all that we send
    broken_off=BrokerOutcomeUnknownError,
)
PROFILE = Call(name="profile")
MARGINS = Call(name="margins")
END_SESSION = Call(name="end_session")
