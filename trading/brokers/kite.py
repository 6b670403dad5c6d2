"""Zerodha's Kite Connect, through its own Python library. `docs/contributors/kite.md` has the facts and traps."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from trading.brokers.base import (
    BrokerCredentials,
    BrokerError,
    BrokerLogin,
    BrokerProfile,
    BrokerRefusedError,
    Margin,
    Pace,
    SessionEndedError,
)
from trading.brokers.calls import COMPLETE_LOGIN, END_SESSION, MARGINS, PROFILE, Call
from trading.brokers.kite_answers import read_login, read_margins, read_profile
from trading.brokers.kite_client import Wire, open_client
from trading.brokers.kite_errors import translate
from trading.brokers.observation import observed

LOGIN_PAGE = "https://kite.zerodha.com/connect/login"
API_VERSION = "3"

Value = TypeVar("Value")


class KiteBroker:
    """Keeps nothing between calls: a fresh client of the library for each, so threads may share it."""

    name = "kite"
    asks_for_credentials = True
    pace = Pace(per_second=10)  # for each API key, whatever is asked but quotes and candles

    def issue_credentials(self) -> BrokerCredentials:
        """Only Zerodha's developer console makes them. Raises BrokerRefusedError."""
        raise BrokerRefusedError("a person registers their app at Zerodha")

    def begin_login(self, credentials: BrokerCredentials, *, state: str) -> str:
        """`redirect_params` is all that Kite echoes, and only when the person goes through with the login."""
        query = {
            "v": API_VERSION,
            "api_key": credentials.api_key,
            "redirect_params": urlencode({"state": state}),
        }
        return f"{settings.ENVIRONMENT.kite_login_url or LOGIN_PAGE}?{urlencode(query)}"

    def complete_login(self, credentials: BrokerCredentials, *, request_token: str) -> BrokerLogin:
        def exchange(client: Any, wire: Wire) -> None:
            try:
                client.generate_session(request_token, api_secret=credentials.api_secret)
            except (KeyError, TypeError, ValueError):
                # The library trips over a missing login_time although the session has begun.
                # Whether it has, the answer itself says.
                if wire.status != HTTPStatus.OK:
                    raise

        def read(data: Any) -> BrokerLogin:
            return read_login(data, now=timezone.now())

        return self._ask(COMPLETE_LOGIN, credentials, exchange, read)

    def profile(self, credentials: BrokerCredentials, *, access_token: str) -> BrokerProfile:
        return self._ask(
            PROFILE, credentials, lambda client, _: client.profile(), read_profile, access_token
        )

    def margins(self, credentials: BrokerCredentials, *, access_token: str) -> tuple[Margin, ...]:
        return self._ask(
            MARGINS, credentials, lambda client, _: client.margins(), read_margins, access_token
        )

    def end_session(self, credentials: BrokerCredentials, *, access_token: str) -> None:
        with suppress(SessionEndedError):  # that is what was wanted
            self._ask(
                END_SESSION,
                credentials,
                lambda client, _: client.invalidate_access_token(access_token),
                lambda _: None,
            )

    def _ask(
        self,
        call: Call,
        credentials: BrokerCredentials,
        ask: Callable[[Any, Wire], object],
        read: Callable[[Any], Value],
        access_token: str | None = None,
    ) -> Value:
        """The edge: whatever goes wrong leaves as a BrokerError, with no trace of the exception that it was."""
        with observed(broker=self.name, call=call.name):
            failure: BrokerError
            with open_client(credentials.api_key, access_token) as (client, wire):
                try:
                    ask(client, wire)
                    return read(wire.data())
                except Exception as error:
                    failure = translate(call, error, wire)
            raise failure  # out here, so that it has no __context__ with tokens in it
