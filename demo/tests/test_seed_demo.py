"""`manage.py seed_demo`, with fewer people than it makes of itself."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Session, User
from accounts.services.console_link import ensure_admin
from accounts.tests.factories import UserFactory
from audit.chain.models import UnchainedEvent
from audit.models import AuthEvent
from audit.services import partitions
from audit.services.verification import verify
from audit.types import AuditType
from authz.models import DecisionRecord, PolicyVersion
from authz.services import shipped
from authz.services.decisions import check
from config.devstack.layout import Layout
from config.telemetry import planted_secrets
from demo.management.commands.seed_demo import PASSWORD
from demo.people import FIRST
from events.models import OutboxEvent, Webhook
from trading.models import AccountStatus, BrokerSession, CredentialVersion, TradingAccount
from trading.services import credentials, sync
from trading.simulator.server import SimulatorServer

pytestmark = pytest.mark.django_db
planted_secrets.add(PASSWORD)
# What is made up to go on for an hour must go on while the tests run; two runs of one test are about the same moment.
UNTIL = datetime.now(UTC).replace(second=0, microsecond=0)
FEW = ["--people", "60", "--accounts", "40", "--until", UNTIL.isoformat()]


@pytest.fixture
def seed(settings: Any, tmp_path: Path) -> Callable[..., Any]:
    """`seed("--dry-run")` runs the command as on a developer's machine; returns its report."""
    settings.DEVSTACK, settings.LAYOUT = True, Layout(tmp_path)
    shipped.install()

    def run(*arguments: str) -> Any:
        out = io.StringIO()
        call_command("seed_demo", *FEW, "--json", *arguments, stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue()) if out.getvalue() else None

    return run


def plant(accounts: Any) -> None:
    for version in CredentialVersion.objects.unretired().filter(account__in=accounts):
        planted_secrets.add(credentials.opened(version).api_secret)


def test_people_with_one_password_accounts_in_every_state_and_an_attack_are_there(
    seed: Callable[..., Any],
) -> None:
    report = seed()
    assert report["rows"]["User"] == User.objects.count() == 60
    assert User.objects.get(email=FIRST).check_password(PASSWORD)
    statuses = set(TradingAccount.objects.values_list("status", flat=True))
    assert statuses == set(AccountStatus.values)
    anomalies = AuthEvent.objects.of_types({AuditType.SESSION_ANOMALY})
    kinds = set(anomalies.values_list("metadata__kind", flat=True))
    assert {"credential_stuffing", "refresh_token_reuse", "impossible_travel"} <= kinds
    assert Session.objects.filter(risk_score=85).get().ended_at is None
    assert PolicyVersion.objects.filter(number=3).exists()
    assert DecisionRecord.objects.filter(allowed=False).exists()
    assert not OutboxEvent.objects.filter(sent_at=None, aggregate_type="user").exists()
    assert Webhook.objects.by_state() == {"enabled": 1, "paused": 1, "disabled": 2}


def test_secrets_are_sealed_and_open_where_they_belong(seed: Callable[..., Any]) -> None:
    seed()
    live = BrokerSession.objects.live()
    assert live
    accounts = [session.account_id for session in live]
    plant(accounts)
    for version in CredentialVersion.objects.current().filter(account__in=accounts)[:5]:
        pair = credentials.opened(version)
        assert pair.api_key.endswith(version.api_key_masked[-4:])
        assert pair.api_secret.encode() not in bytes(version.secret)


def test_the_trail_is_in_its_months_and_its_chain_intact(seed: Callable[..., Any]) -> None:
    report = seed()
    assert partitions.stray_rows() == 0
    assert UnchainedEvent.objects.count() == 0
    verified = verify()
    assert verified.findings.total == 0
    assert verified.rows >= report["rows"]["AuthEvent"] > 500


def test_the_same_seed_makes_up_the_same(seed: Callable[..., Any]) -> None:
    def made_up(*arguments: str) -> tuple[list[Any], list[Any]]:
        with transaction.atomic():
            seed(*arguments)
            people = list(User.objects.order_by("pk").values_list("pk", "email", "status"))
            trail = list(AuthEvent.objects.newest_first().values_list("event_id", "metadata"))
            transaction.set_rollback(True)
        return people, trail

    assert made_up("--seed", "5") == made_up("--seed", "5")
    assert made_up("--seed", "5") != made_up("--seed", "6")


def test_a_dry_run_leaves_nothing(seed: Callable[..., Any], tmp_path: Path) -> None:
    assert seed("--dry-run")["rows"]["User"] == 60
    assert not User.objects.exists()
    assert not AuthEvent.objects.of_types({AuditType.SIGN_IN_FAILED}).exists()
    assert not Layout(tmp_path).simulator_state.exists()


@pytest.mark.parametrize("chance", range(4))
def test_an_account_is_offered_to_one_person_at_a_time(
    seed: Callable[..., Any], chance: int
) -> None:
    made = seed("--accounts", "2", "--seed", str(chance), "--dry-run")["rows"]
    assert 1 <= made["OwnershipTransfer"] <= made["TradingAccount"]


def test_nobody_is_made_up_among_people(seed: Callable[..., Any]) -> None:
    ensure_admin()
    seed()
    with pytest.raises(CommandError, match="people in this database already"):
        seed()
    assert seed("--if-empty") is None
    assert User.objects.count() == 61


def test_outside_of_development_it_wants_to_be_told_and_nobody_can_sign_in() -> None:
    shipped.install()
    with pytest.raises(CommandError, match="--into-production"):
        call_command("seed_demo", *FEW)
    call_command("seed_demo", *FEW, "--into-production", stdout=io.StringIO(), stderr=io.StringIO())
    assert not User.objects.get(email=FIRST).has_usable_password()


def test_too_few_people_are_refused(seed: Callable[..., Any]) -> None:
    with pytest.raises(CommandError, match="50 people or more"):
        seed("--people", "3")


def test_an_owner_still_trades_without_a_word_of_context(seed: Callable[..., Any]) -> None:
    seed("--until", _now())
    account = TradingAccount.objects.filter(status=AccountStatus.ACTIVE).first()
    assert account
    stranger = UserFactory.create()
    questions = {person: f"user:{person.public_id}" for person in (account.owner, stranger)}
    answers = {
        person: check(subject=subject, action="trade:place_order", resource=account.entity).allowed
        for person, subject in questions.items()
    }
    assert answers == {account.owner: True, stranger: False}


def test_an_account_at_kite_syncs_with_a_simulator_that_starts_afterwards(
    seed: Callable[..., Any], tmp_path: Path, environment: Callable[..., None]
) -> None:
    seed("--until", _now())
    account = TradingAccount.objects.filter(status=AccountStatus.ACTIVE, broker="kite").first()
    assert account
    plant([account])
    with SimulatorServer(state_path=Layout(tmp_path).simulator_state) as simulator:
        environment(kite_api_url=simulator.url)
        synced = sync.refresh(account_id=account.pk)
    assert synced.profile["name"] == account.owner.name


def _now() -> str:
    return timezone.now().isoformat()
