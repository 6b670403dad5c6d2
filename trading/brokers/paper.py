"""Paper trading, for people without a broker: our own books behind the same five calls as anybody else's."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from config.vault.errors import VaultUnavailableError
from trading.brokers.base import (
    BrokerCredentials,
    BrokerError,
    BrokerLogin,
    BrokerProfile,
    BrokerRefusedError,
    BrokerThrottledError,
    BrokerUnavailableError,
    Margin,
    Pace,
)
from trading.brokers.calls import COMPLETE_LOGIN, END_SESSION, MARGINS, PROFILE, Call
from trading.brokers.observation import observed
from trading.models.paper import PaperProfile
from trading.paper import back_office
from trading.paper.back_office import (
    CALLS_PER_SECOND,
    BackOffice,
    MayNotError,
    TokenUnknownError,
    TooManyCallsError,
)

EXCHANGES = ("NSE", "BSE", "NFO", "MCX")
PRODUCTS = ("CNC", "MIS", "NRML")
ORDER_TYPES = ("MARKET", "LIMIT", "SL", "SL-M")

Value = TypeVar("Value")


class PaperBroker:
    """Keeps nothing between calls; the state is in our tables. Nobody registers anything: we make the credentials."""

    name = "paper"
    asks_for_credentials = False
    pace = Pace(per_second=CALLS_PER_SECOND)

    def __init__(self, office: BackOffice | None = None) -> None:
        self._office = office or BackOffice()

    def issue_credentials(self) -> BrokerCredentials:
        """Raises BrokerUnavailableError."""
        api_key = back_office.new_key()
        try:
            return BrokerCredentials(api_key=api_key, api_secret=back_office.secret_of(api_key))
        except VaultUnavailableError:
            raise BrokerUnavailableError("the vault does not answer") from None

    def begin_login(self, credentials: BrokerCredentials, *, state: str) -> str:
        """A page of ours, on which a person who is signed in says yes."""
        query = urlencode({"api_key": credentials.api_key, "state": state})
        return f"{settings.ENVIRONMENT.public_url}{reverse('paper-login')}?{query}"

    def complete_login(self, credentials: BrokerCredentials, *, request_token: str) -> BrokerLogin:
        def redeem() -> BrokerLogin:
            redeemed = self._office.redeem(
                api_key=credentials.api_key,
                api_secret=credentials.api_secret,
                request_token=request_token,
            )
            return BrokerLogin(
                broker_user_id=redeemed.client_id,
                access_token=redeemed.access_token,
                expires_at=redeemed.expires_at,
                login_time=redeemed.began_at,
            )

        return self._ask(COMPLETE_LOGIN, redeem)

    def profile(self, credentials: BrokerCredentials, *, access_token: str) -> BrokerProfile:
        def read() -> BrokerProfile:
            return _profile(self._office.profile(api_key=key, access_token=access_token))

        key = credentials.api_key
        return self._ask(PROFILE, read)

    def margins(self, credentials: BrokerCredentials, *, access_token: str) -> tuple[Margin, ...]:
        def read() -> tuple[Margin, ...]:
            return _margins(self._office.margins(api_key=key, access_token=access_token))

        key = credentials.api_key
        return self._ask(MARGINS, read)

    def end_session(self, credentials: BrokerCredentials, *, access_token: str) -> None:
        key = credentials.api_key
        self._ask(END_SESSION, lambda: self._office.end(api_key=key, access_token=access_token))

    def _ask(self, call: Call, ask: Callable[[], Value]) -> Value:
        """The edge: whatever goes wrong leaves as a BrokerError, with no trace of the exception that it was."""
        with observed(broker=self.name, call=call.name):
            try:
                return ask()
            except Exception as error:
                failure = translate(call, error)
            raise failure  # out here, so that it has no __context__ with tokens in it


def translate(call: Call, error: Exception) -> BrokerError:
    """The `BrokerError` for `error`: what the call says when the books answer no, and that nothing is known when they
    do not answer."""
    detail = type(error).__name__
    match error:
        case TokenUnknownError():
            return call.token_refused(detail)
        case MayNotError():
            return BrokerRefusedError(detail)
        case TooManyCallsError():
            return BrokerThrottledError(detail, retry_after=error.retry_after)
    return call.broken_off(detail)


def _profile(profile: PaperProfile) -> BrokerProfile:
    return BrokerProfile(
        broker_user_id=profile.client_id,
        name=profile.user.name,
        email=profile.user.email,
        exchanges=EXCHANGES,
        products=PRODUCTS,
        order_types=ORDER_TYPES,
    )


def _margins(profile: PaperProfile) -> tuple[Margin, ...]:
    """All of the cash is in equity; nobody has placed an order with it."""
    cash, nothing = f"{profile.cash:.2f}", "0.00"
    return (
        Margin(segment="equity", enabled=True, net=cash, available_cash=cash, utilised=nothing),
        Margin(
            segment="commodity",
            enabled=False,
            net=nothing,
            available_cash=nothing,
            utilised=nothing,
        ),
    )
