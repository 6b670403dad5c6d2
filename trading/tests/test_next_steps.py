"""Everybody is told what to do next, whatever the status."""

from typing import Any

import pytest

from trading.models import AccountStatus
from trading.next_steps import NextStep, next_step, told
from trading.tests.factories import active_account


def test_every_status_has_a_next_step_and_a_sentence() -> None:
    for status in AccountStatus:
        assert isinstance(next_step(status), NextStep)
        assert told(status).endswith(".")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "step"),
    [("active", "none"), ("invalid", "replace_credentials"), ("suspended", "contact_support")],
)
def test_the_api_tells_it(api: Any, shipped_policies: None, status: str, step: str) -> None:
    account = active_account()
    type(account).objects.filter(pk=account.pk).update(status=status)
    shown = api(account.owner).get(f"/v1/trading-accounts/{account.public_id}").json()
    assert shown["next_step"] == step
    assert shown["advice"] == told(AccountStatus(status))
