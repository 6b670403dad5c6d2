"""The desks of our brokers: Kite's with a simulator behind it, the paper broker's with its books."""

from collections import Counter
from typing import Any

from django.db import DataError, InterfaceError, OperationalError
from django.utils import timezone

from accounts.tests.factories import UserFactory
from config.telemetry import planted_secrets
from trading.brokers.base import Broker, BrokerCredentials
from trading.brokers.kite import KiteBroker
from trading.brokers.paper import PaperBroker
from trading.models import PaperSession
from trading.paper import back_office
from trading.paper.back_office import BackOffice, MayNotError, TooManyCallsError
from trading.simulator.client import SimulatorControl
from trading.simulator.faults import Fault

KITE_ROUTES = {
    "complete_login": "POST /session/token",
    "profile": "GET /user/profile",
    "margins": "GET /user/margins",
    "end_session": "DELETE /session/token",
}
KITE_DISTURBANCES: dict[str, Fault | str] = {
    "throttled": "throttled",
    "refused": "PermissionException",
    "down": "maintenance",
    "nonsense": "bytes_that_are_no_json",
    "broken_off": "dropped_before_headers",
    "slow": Fault(delay=5),
}


class KiteDesk:
    def __init__(self, levers: SimulatorControl) -> None:
        self._levers = levers
        self._app = levers.create_app(redirect_url="http://app.test/")
        self.broker: Broker = KiteBroker()
        self.credentials = BrokerCredentials(
            api_key=self._app.api_key, api_secret=self._app.api_secret
        )
        self.broker_user_id = levers.create_user().user_id

    def request_token(self) -> str:
        return self._levers.grant_request_token(
            api_key=self._app.api_key, user_id=self.broker_user_id
        )

    def end_all_sessions(self) -> None:
        self._levers.end_sessions()

    def living_sessions(self) -> int:
        mine = [item for item in self._levers.sessions() if item.user_id == self.broker_user_id]
        return len(mine)

    def disturb(self, call: str, disturbance: str) -> None:
        self._levers.queue_fault(KITE_ROUTES[call], KITE_DISTURBANCES[disturbance])

    def requests(self, call: str) -> int:
        method, path = KITE_ROUTES[call].split()
        return sum(entry.method == method for entry in self._levers.journal(path=path))


PAPER_DISTURBANCES: dict[str, Exception] = {
    "throttled": TooManyCallsError(7),
    "refused": MayNotError(),
    "down": OperationalError("connection refused"),
    "nonsense": DataError("invalid input syntax"),
    "broken_off": InterfaceError("connection already closed"),
    "slow": OperationalError("canceling statement due to statement timeout"),
}
OFFICE_CALLS = {
    "complete_login": "redeem",
    "profile": "profile",
    "margins": "margins",
    "end_session": "end",
}


class DisturbedOffice(BackOffice):
    """The books, as they are when the database is in trouble; and how often each call was heard."""

    def __init__(self) -> None:
        self.heard: Counter[str] = Counter()
        self.next_failure: dict[str, Exception] = {}

    def redeem(self, **asked: Any) -> Any:
        return self._answer("redeem", **asked)

    def profile(self, **asked: Any) -> Any:
        return self._answer("profile", **asked)

    def margins(self, **asked: Any) -> Any:
        return self._answer("margins", **asked)

    def end(self, **asked: Any) -> Any:
        return self._answer("end", **asked)

    def _answer(self, call: str, **asked: Any) -> Any:
        self.heard[call] += 1
        if failure := self.next_failure.pop(call, None):
            raise failure from ValueError(
                str(asked)
            )  # as drivers do, with all that was asked in it
        return getattr(super(), call)(**asked)


class PaperDesk:
    def __init__(self, _levers: SimulatorControl) -> None:
        self._office = DisturbedOffice()
        self.broker: Broker = PaperBroker(self._office)
        self.credentials = self.broker.issue_credentials()
        planted_secrets.add(self.credentials.api_secret)
        self._person = UserFactory.create()
        self.broker_user_id = back_office.profile_of(self._person).client_id

    def request_token(self) -> str:
        token = back_office.confirm(person=self._person, api_key=self.credentials.api_key)
        planted_secrets.add(token)
        return token

    def end_all_sessions(self) -> None:
        PaperSession.objects.update(ended_at=timezone.now())

    def living_sessions(self) -> int:
        return PaperSession.objects.live(timezone.now()).filter(profile__user=self._person).count()

    def disturb(self, call: str, disturbance: str) -> None:
        self._office.next_failure[OFFICE_CALLS[call]] = PAPER_DISTURBANCES[disturbance]

    def requests(self, call: str) -> int:
        return self._office.heard[OFFICE_CALLS[call]]
