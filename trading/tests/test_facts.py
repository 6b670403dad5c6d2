"""Gauges that are facts of our tables."""

from datetime import timedelta

import pytest
from django.utils import timezone

from trading.facts import trading_facts
from trading.models import AccountStatus, TradingAccount
from trading.tests.factories import TradingAccountFactory, active_account

pytestmark = pytest.mark.django_db


def test_accounts_are_counted_by_broker_and_status() -> None:
    TradingAccountFactory.create_batch(2)
    active_account()
    samples = {
        (sample.name, sample.labels["status"]): sample.value
        for metric in trading_facts()
        for sample in metric.samples
        if "status" in sample.labels
    }
    assert samples == {
        ("gatehouse_trading_accounts", "pending_login"): 2.0,
        ("gatehouse_trading_accounts", "active"): 1.0,
    }


def test_the_age_of_the_stalest_active_account_is_told() -> None:
    now = timezone.now()
    for hours, status in ((1, AccountStatus.ACTIVE), (3, AccountStatus.ACTIVE), (9, "suspended")):
        TradingAccount.objects.filter(pk=active_account().pk).update(
            status=status, last_synced_at=now - timedelta(hours=hours)
        )
    age = next(
        sample.value
        for metric in trading_facts()
        for sample in metric.samples
        if sample.name == "gatehouse_sync_age_seconds"
    )
    assert 3 * 3600 <= age < 3 * 3600 + 60


def test_an_account_that_was_never_synced_waits_since_it_was_linked() -> None:
    TradingAccount.objects.filter(pk=active_account().pk).update(
        linked_at=timezone.now() - timedelta(hours=5)
    )
    ages = [sample.value for metric in trading_facts() for sample in metric.samples]
    assert any(5 * 3600 <= age < 5 * 3600 + 60 for age in ages)
