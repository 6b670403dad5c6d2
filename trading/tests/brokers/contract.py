"""What every adapter must do, whatever its broker: a suite that a `test_….py` runs with the broker's `Desk`."""

import traceback
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest

from trading.brokers.base import (
    Broker,
    BrokerCredentials,
    BrokerError,
    BrokerOutcomeUnknownError,
    BrokerRefusedError,
    BrokerThrottledError,
    BrokerUnavailableError,
    LoginRefusedError,
    SessionEndedError,
)

READING = ("profile", "margins")
USING = (*READING, "end_session")
CALLS = ("complete_login", *USING)
NOTHING_KNOWN = ("down", "nonsense", "broken_off", "slow")
STATE = "a state/with+odd&characters="


class Desk(Protocol):
    """The broker's side of the counter, as tests see it: a real socket with a person's account behind it."""

    broker: Broker
    credentials: BrokerCredentials
    broker_user_id: str

    def request_token(self) -> str:
        """What the broker's redirect brings after a login."""
        ...

    def end_all_sessions(self) -> None:
        """The broker ends them of its own accord."""
        ...

    def living_sessions(self) -> int:
        """How many sessions the person has at the broker."""
        ...

    def disturb(self, call: str, disturbance: str) -> None:
        """The next such call meets `throttled` (for 7 seconds), `refused`, or one of NOTHING_KNOWN."""
        ...

    def requests(self, call: str) -> int:
        """How often the broker has heard this call."""
        ...


def make(desk: Desk, call: str, *, token: str) -> object:
    """Make the call; `token` is what it takes: a request token or an access token."""
    if call == "complete_login":
        return desk.broker.complete_login(desk.credentials, request_token=token)
    return getattr(desk.broker, call)(desk.credentials, access_token=token)


def logged_in(desk: Desk) -> str:
    token = desk.request_token()
    return desk.broker.complete_login(desk.credentials, request_token=token).access_token


def fitting_token(desk: Desk, call: str) -> str:
    return desk.request_token() if call == "complete_login" else logged_in(desk)


class BrokerContract:
    """A subclass gives the fixture `desk`."""

    def test_the_login_url_names_the_app_and_the_state_and_not_the_secret(self, desk: Desk) -> None:
        url = desk.broker.begin_login(desk.credentials, state=STATE)
        assert urlsplit(url).scheme in {"http", "https"}
        assert [desk.credentials.api_key] in parse_qs(urlsplit(url).query).values()
        once = unquote_plus(url)
        assert STATE in once or STATE in unquote_plus(once)  # some wrap it in a parameter of theirs
        assert desk.credentials.api_secret not in url

    def test_a_login_names_the_person_and_ends_within_a_day(self, desk: Desk) -> None:
        login = desk.broker.complete_login(desk.credentials, request_token=desk.request_token())
        assert login.broker_user_id == desk.broker_user_id
        assert login.expires_at.tzinfo is UTC
        now = datetime.now(UTC)
        assert now < login.expires_at <= now + timedelta(hours=25)
        assert desk.living_sessions() == 1

    def test_a_request_token_is_taken_once(self, desk: Desk) -> None:
        token = desk.request_token()
        make(desk, "complete_login", token=token)
        with pytest.raises(LoginRefusedError):
            make(desk, "complete_login", token=token)

    def test_a_wrong_secret_is_a_refused_login(self, desk: Desk) -> None:
        wrong = BrokerCredentials(api_key=desk.credentials.api_key, api_secret="wrong")
        with pytest.raises(LoginRefusedError):
            desk.broker.complete_login(wrong, request_token=desk.request_token())
        assert desk.living_sessions() == 0

    def test_the_profile_is_the_persons(self, desk: Desk) -> None:
        profile = desk.broker.profile(desk.credentials, access_token=logged_in(desk))
        assert profile.broker_user_id == desk.broker_user_id
        assert profile.name
        assert "@" in profile.email
        assert profile.exchanges

    def test_margins_are_decimal_strings_of_known_segments(self, desk: Desk) -> None:
        margins = desk.broker.margins(desk.credentials, access_token=logged_in(desk))
        assert margins
        assert len({margin.segment for margin in margins}) == len(margins)
        for margin in margins:
            for amount in (margin.net, margin.available_cash, margin.utilised):
                assert Decimal(amount).as_tuple().exponent == -2

    @pytest.mark.parametrize("call", READING)
    def test_a_session_that_the_broker_ended_is_told_as_ended(self, desk: Desk, call: str) -> None:
        token = logged_in(desk)
        desk.end_all_sessions()
        with pytest.raises(SessionEndedError):
            make(desk, call, token=token)

    @pytest.mark.parametrize("call", READING)
    def test_a_token_that_never_was_is_told_as_ended(self, desk: Desk, call: str) -> None:
        with pytest.raises(SessionEndedError):
            make(desk, call, token="never-was")

    def test_ending_a_session_ends_it_and_doing_so_again_is_no_error(self, desk: Desk) -> None:
        token = logged_in(desk)
        desk.broker.end_session(desk.credentials, access_token=token)
        assert desk.living_sessions() == 0
        desk.broker.end_session(desk.credentials, access_token=token)
        with pytest.raises(SessionEndedError):
            desk.broker.profile(desk.credentials, access_token=token)

    @pytest.mark.parametrize("disturbance", NOTHING_KNOWN)
    @pytest.mark.parametrize("call", USING)
    def test_a_failure_that_tells_nothing_is_unavailable_and_never_an_ended_session(
        self, desk: Desk, call: str, disturbance: str
    ) -> None:
        token = logged_in(desk)
        desk.disturb(call, disturbance)
        with pytest.raises(BrokerUnavailableError):
            make(desk, call, token=token)
        if call in READING:
            make(desk, call, token=token)

    @pytest.mark.parametrize("disturbance", NOTHING_KNOWN)
    def test_a_login_that_breaks_off_has_an_unknown_outcome_and_is_not_repeated(
        self, desk: Desk, disturbance: str
    ) -> None:
        desk.disturb("complete_login", disturbance)
        with pytest.raises(BrokerOutcomeUnknownError):
            make(desk, "complete_login", token=desk.request_token())
        assert desk.requests("complete_login") == 1

    @pytest.mark.parametrize("call", CALLS)
    def test_the_rate_limit_is_told_with_its_wait(self, desk: Desk, call: str) -> None:
        token = fitting_token(desk, call)
        desk.disturb(call, "throttled")
        with pytest.raises(BrokerThrottledError) as caught:
            make(desk, call, token=token)
        assert caught.value.retry_after == 7

    @pytest.mark.parametrize("call", CALLS)
    def test_a_refusal_is_told_as_one_and_ends_no_session(self, desk: Desk, call: str) -> None:
        token = fitting_token(desk, call)
        desk.disturb(call, "refused")
        with pytest.raises(BrokerRefusedError):
            make(desk, call, token=token)

    @pytest.mark.parametrize("disturbance", [*NOTHING_KNOWN, "throttled", "refused"])
    @pytest.mark.parametrize("call", CALLS)
    def test_an_error_carries_no_secret_and_no_other_exception(
        self, desk: Desk, call: str, disturbance: str
    ) -> None:
        token = fitting_token(desk, call)
        desk.disturb(call, disturbance)
        with pytest.raises(BrokerError) as caught:
            make(desk, call, token=token)
        error = caught.value
        assert error.__cause__ is None
        assert error.__context__ is None
        told = "".join(traceback.format_exception(error)) + repr((error, vars(error)))
        for secret in (token, desk.credentials.api_secret):
            assert secret not in told

    def test_what_holds_a_secret_does_not_show_it(self, desk: Desk) -> None:
        login = desk.broker.complete_login(desk.credentials, request_token=desk.request_token())
        assert login.access_token not in repr(login)
        assert desk.credentials.api_secret not in repr(desk.credentials)
