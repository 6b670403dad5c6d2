"""Every way in which the broker may answer a login of an account that is linked already: a later one, one that is begun
while the last still holds, and the one that new credentials are proven by. What happens to the first login is in
`test_login_faults.py`, to logging out in `test_unlinking.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from trading.models import AccountStatus, BrokerSession, CredentialStatus, TradingAccount
from trading.services.broker_sessions import token_of
from trading.services.credentials import opened
from trading.simulator.faults import Fault
from trading.tests.conftest import TraderFactory
from trading.tests.trader import Trader

pytestmark = pytest.mark.django_db

EXCHANGE = "POST /session/token"
NO_ANSWER, REFUSED, UNWILLING = (
    (503, "broker-unavailable", "log_in"),
    (422, "broker-login-refused", "replace_credentials"),
    (422, "broker-request-refused", "contact_support"),
)
# What goes over the wire in place of the broker's answer, and what the person is told: status, type, next step.
FAULTS: dict[str, tuple[Fault | str, tuple[int, str, str]]] = {
    "429": ("throttled", NO_ANSWER),
    "429 in JSON": ("throttled_json", NO_ANSWER),
    "502 in HTML": ("gateway_down", NO_ANSWER),
    "503 in HTML": ("maintenance", NO_ANSWER),
    "500 with a success in it": ("success_with_status_500", NO_ANSWER),
    "200 in HTML": (
        Fault(status=200, headers={"Content-Type": "text/html"}, body=b"<h1>Hello</h1>"),
        NO_ANSWER,
    ),
    "time-out": (Fault(delay=3), NO_ANSWER),
    "half an answer": ("half_an_answer", NO_ANSWER),
    "no JSON": ("bytes_that_are_no_json", NO_ANSWER),
    "JSON of another shape": ("a_list", NO_ANSWER),
    "no connection": ("dropped_before_headers", NO_ANSWER),
    "lost after it took effect": (Fault(drop="before_headers", effect=True), NO_ANSWER),
    "wrong checksum": ("TokenException", REFUSED),
    "no permission": ("PermissionException", UNWILLING),
}


@dataclass
class Linked:
    """A linked account, and how it was before the fault."""

    someone: Trader
    account: TradingAccount
    version: int
    token: str = ""

    def begin(self) -> str:
        body = self.someone.api.post(f"/v1/trading-accounts/{self.account.public_id}/login").json()
        return str(body["login_url"])

    def rotate(self) -> str:
        body = {"credentials": self.someone.credentials()}
        url = f"/v1/trading-accounts/{self.account.public_id}/rotate-credentials"
        return str(self.someone.api.post(url, body, format="json").json()["login_url"])

    def status(self) -> str:
        return str(TradingAccount.objects.get(pk=self.account.pk).status)

    def keeps_its_credentials(self) -> bool:
        current = self.account.credential_versions.current().get()
        return (
            current.number == self.version
            and opened(current).api_secret == self.someone.app.api_secret
        )

    def keeps_its_session(self) -> bool:
        session = BrokerSession.objects.live().filter(account=self.account).first()
        return session is not None and token_of(session) == self.token


@pytest.fixture
def linked(trader: TraderFactory) -> Linked:
    someone = trader()
    account = someone.linked()
    [session] = someone.control.sessions()
    return Linked(someone, account, version=1, token=session.access_token)


def over(linked: Linked) -> None:
    """The day's login is over."""
    BrokerSession.objects.filter(account=linked.account).delete()
    TradingAccount.objects.filter(pk=linked.account.pk).update(
        status=AccountStatus.REAUTH_REQUIRED, reauth_by=None
    )


def met_by(linked: Linked, login_url: str, fault: Fault | str, environment: Any) -> Any:
    """The answer to a login whose exchange meets the fault."""
    location = linked.someone.walk(login_url)
    environment(broker_read_timeout=0.2)
    linked.someone.control.queue_fault(EXCHANGE, fault)
    answer = linked.someone.come_back(location)
    linked.someone.control.clear_faults()
    environment(broker_read_timeout=30)
    return answer


def told(answer: Any) -> tuple[int, str, str]:
    problem = answer.json()
    return answer.status_code, problem["type"].rpartition("/")[2], problem["next_step"]


each_fault = pytest.mark.parametrize(("fault", "expected"), FAULTS.values(), ids=FAULTS.keys())


@each_fault
def test_a_later_login(
    linked: Linked, environment: Callable[..., None], fault: Any, expected: tuple[int, str, str]
) -> None:
    over(linked)
    answer = met_by(linked, linked.begin(), fault, environment)
    assert told(answer) == expected
    assert linked.status() == ("invalid" if expected == REFUSED else "reauth_required")
    assert linked.keeps_its_credentials()
    assert not BrokerSession.objects.live().exists()
    assert linked.someone.log_in(linked.begin()).status_code == 200
    assert linked.status() == "active"


@each_fault
def test_a_login_while_the_last_one_holds(
    linked: Linked, environment: Callable[..., None], fault: Any, expected: tuple[int, str, str]
) -> None:
    answer = met_by(linked, linked.begin(), fault, environment)
    assert told(answer) == expected
    assert linked.status() == "active"
    assert linked.keeps_its_credentials()
    assert linked.keeps_its_session()


@each_fault
def test_the_login_that_proves_new_credentials(
    linked: Linked, environment: Callable[..., None], fault: Any, expected: tuple[int, str, str]
) -> None:
    answer = met_by(linked, linked.rotate(), fault, environment)
    assert told(answer) == expected
    assert linked.status() == "active"
    assert linked.keeps_its_credentials()
    assert linked.keeps_its_session()
    new = linked.account.credential_versions.get(number=2)
    dropped = expected == REFUSED
    assert new.status == (CredentialStatus.RETIRED if dropped else CredentialStatus.PENDING)
    assert linked.someone.log_in(linked.rotate()).status_code == 200
    assert linked.account.credential_versions.current().get().number == 3


@pytest.mark.parametrize("moment", ["later", "rotation"])
def test_another_broker_users_login(linked: Linked, moment: str) -> None:
    if moment == "later":
        over(linked)
    begun = linked.begin() if moment == "later" else linked.rotate()
    other = linked.someone.control.create_user()
    answer = linked.someone.log_in(begun, broker_user=other)
    assert told(answer) == (409, "broker-user-mismatch", "log_in")
    assert linked.status() == ("reauth_required" if moment == "later" else "active")
    assert linked.keeps_its_credentials()
    assert linked.keeps_its_session() == (moment == "rotation")
    assert linked.someone.log_in(linked.begin()).status_code == 200
