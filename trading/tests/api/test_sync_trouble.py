"""Trouble in mid-sync: each ends in a state with a name, nothing is lost, and the person is told what next."""

from typing import Any

import pytest
from pydantic import SecretStr

from config.jobs.models import JobState
from config.vault import mac
from config.vault.opened_keys import opened_keys
from trading.models import AccountStatus, BrokerSession
from trading.services import sync
from trading.services.activation import broker_user_hash
from trading.simulator.faults import Fault
from trading.tests.conftest import TraderFactory
from trading.tests.syncing import last_run, no_run_is_left_open, sync_now

pytestmark = pytest.mark.django_db

ROUTES = ["GET /user/profile", "GET /user/margins"]
HTML = Fault(status=200, headers={"Content-Type": "text/html"}, body=b"<h1>Hello</h1>")
TRAPS = [
    pytest.param(HTML, id="200_in_html"),
    "success_with_status_500",
    "dropped_after_headers",
    "gateway_down",
    "maintenance",
    "dropped_before_headers",
    "half_an_answer",
    "bytes_that_are_no_json",
    "a_list",
    "forbidden_page",
]


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("route", ROUTES)
def test_a_broker_that_does_not_answer_degrades_the_account(
    trader: TraderFactory, route: str, trap: str | Fault
) -> None:
    someone = trader()
    account = someone.linked()
    profile = account.profile
    someone.control.queue_fault(route, trap, times=3)
    job = sync_now(someone, account)
    assert (job.state, job.error) == (JobState.FAILED, "The broker does not answer")
    assert (account.status, account.sync_error) == (AccountStatus.DEGRADED, "unavailable")
    assert (account.profile, account.last_synced_at) == (profile, None)
    url = f"/v1/trading-accounts/{account.public_id}"
    shown = someone.api.get(url).json()
    assert (shown["status"], shown["health"]) == ("degraded", "sync_failing")
    told = last_run(someone, account)
    assert (told["outcome"], "tried again" in told["advice"]) == ("unavailable", True)
    assert no_run_is_left_open()
    someone.control.clear_faults()
    assert sync_now(someone, account).state == JobState.SUCCEEDED
    shown = someone.api.get(url).json()
    assert (shown["status"], shown["status_reason"], shown["health"]) == ("active", "", "ok")


@pytest.mark.parametrize("trap", ["gateway_down", "half_an_answer", "throttled_json"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_hiccup_is_asked_again_and_nobody_notices(
    trader: TraderFactory, route: str, trap: str
) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.queue_fault(route, trap, times=2)
    assert sync_now(someone, account).state == JobState.SUCCEEDED
    assert (account.status, account.sync_error) == (AccountStatus.ACTIVE, "")


@pytest.mark.parametrize("route", ROUTES)
def test_a_login_that_ends_in_mid_sync_is_asked_for_at_once(
    trader: TraderFactory, route: str
) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.clear_journal()
    someone.control.queue_fault(route, "TokenException")
    job = sync_now(someone, account)
    assert (job.state, job.error) == (JobState.FAILED, "A new login at the broker is needed")
    assert account.status == AccountStatus.REAUTH_REQUIRED
    assert not BrokerSession.objects.live().filter(account=account).exists()
    told = last_run(someone, account)
    assert (told["outcome"], told["advice"]) == ("session_ended", "Log in at the broker again.")
    assert len(someone.control.journal(path=route.split()[1])) == 1  # a refusal is final


def test_a_degraded_account_wants_a_login_when_the_broker_says_so(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.queue_fault("GET /user/profile", "gateway_down", times=3)
    sync_now(someone, account)
    someone.control.end_sessions()
    sync_now(someone, account)
    assert account.status == AccountStatus.REAUTH_REQUIRED


@pytest.mark.parametrize("route", ROUTES)
def test_a_refusal_is_not_asked_again(trader: TraderFactory, route: str) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.clear_journal()
    someone.control.queue_fault(route, "PermissionException")
    sync_now(someone, account)
    assert (account.status, account.sync_error) == (AccountStatus.ACTIVE, "refused")
    assert last_run(someone, account)["outcome"] == "refused"
    assert len(someone.control.journal(path=route.split()[1])) == 1


def test_a_slow_broker_is_trouble_and_asks_nobody_to_log_in(
    trader: TraderFactory, environment: Any
) -> None:
    someone = trader()
    account = someone.linked()
    environment(broker_read_timeout=0.2, sync_attempts=1)
    someone.control.queue_fault("GET /user/margins", Fault(delay=2))
    sync_now(someone, account)
    assert (account.status, account.sync_error) == (AccountStatus.DEGRADED, "unavailable")
    assert BrokerSession.objects.live().filter(account=account).exists()


def test_retry_after_is_honoured(trader: TraderFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    someone = trader()
    account = someone.linked()
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    body = b'{"status": "error", "error_type": "NetworkException", "message": ""}'
    too_many = Fault(status=429, headers={"Retry-After": "2"}, body=body)
    someone.control.queue_fault("GET /user/profile", too_many)
    assert sync_now(someone, account).state == JobState.SUCCEEDED
    assert waits[0] >= 2.0


def test_a_worker_does_not_wait_for_minutes(trader: TraderFactory) -> None:
    someone = trader()
    account = someone.linked()
    someone.control.clear_journal()
    someone.control.queue_fault("GET /user/profile", "throttled")  # wants 7 s, and patience is 5
    sync_now(someone, account)
    assert (account.status, account.sync_error) == (AccountStatus.DEGRADED, "throttled")
    sync_now(someone, account)  # nobody asks again before the broker said
    assert last_run(someone, account)["outcome"] == "rate_limited"
    assert len(someone.control.journal(path="/user/profile")) == 1


def test_with_the_circuit_open_nobody_is_asked_and_nothing_is_changed(
    trader: TraderFactory, environment: Any
) -> None:
    someone, other = trader(), trader()
    account, untouched = someone.linked(), other.linked()
    environment(circuit_failures=3)
    someone.control.queue_fault("GET /user/profile", "gateway_down", times=3)
    sync_now(someone, account)
    other.control.clear_journal()
    sync_now(other, untouched)
    assert (untouched.status, untouched.sync_error) == (AccountStatus.ACTIVE, "circuit_open")
    assert other.control.journal() == []
    told = last_run(other, untouched)
    assert (told["outcome"], "when the broker answers" in told["advice"]) == (
        "circuit_open",
        True,
    )


@pytest.mark.parametrize("when", ["before", "in the middle"])
def test_a_vault_that_is_away_is_no_reason_to_log_in(
    trader: TraderFactory, environment: Any, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    someone = trader()
    account = someone.linked()

    def take_away() -> None:
        opened_keys.clear()
        mac._root.cache_clear()
        environment(vault_local_key=SecretStr("not a key"))

    def hash_without_a_vault(broker: str, user: str) -> bytes:
        take_away()
        return broker_user_hash(broker, user)

    if when == "before":
        take_away()
    else:
        monkeypatch.setattr(sync, "broker_user_hash", hash_without_a_vault)
    job = sync_now(someone, account)
    assert job.state == JobState.FAILED
    assert account.status == AccountStatus.ACTIVE
    assert BrokerSession.objects.live().filter(account=account).exists()
    assert last_run(someone, account)["outcome"] == "vault_unavailable"


def test_late_trouble_of_an_old_session_says_nothing_of_the_new(
    trader: TraderFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = trader()
    account = someone.linked()
    asked = sync._ask

    def ask_while_the_owner_logs_in(session: BrokerSession) -> Any:
        try:
            return asked(session)
        finally:
            again = someone.api.post(f"/v1/trading-accounts/{account.public_id}/login").json()
            someone.log_in(again["login_url"])

    monkeypatch.setattr(sync, "_ask", ask_while_the_owner_logs_in)
    someone.control.queue_fault("GET /user/margins", "gateway_down", times=3)
    sync_now(someone, account)
    assert (account.status, account.sync_error) == (AccountStatus.ACTIVE, "")
