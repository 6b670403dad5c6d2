"""The desks of our brokers: each with a simulator behind it."""

from trading.brokers.base import Broker, BrokerCredentials
from trading.brokers.kite import KiteBroker
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
