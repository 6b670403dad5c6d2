"""The shipped policies together: who may do what with a trading account."""

import json
from typing import Any

import pytest

from authz.engine.document import parse
from authz.engine.policyset import PolicySet
from authz.services.shipped import FOLDER
from authz.tests.engine.asking import ask

ORDER, CANCEL = "trade:place_order", "trade:cancel_order"
READ, MANAGE = "trading_account:read", "trading_account:manage"
EVERYTHING = {ORDER, CANCEL, READ, MANAGE}

ACCOUNT = {"owner": "usr_owner", "owner_active": True, "status": "active", "broker": "kite"}


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    folder = FOLDER / "policies"
    return PolicySet.build(parse(json.loads(path.read_text())) for path in folder.glob("*.json"))


def may(
    policies: PolicySet,
    subject: str = "user:usr_1",
    account: dict[str, Any] | None = None,
    **attributes: Any,
) -> set[str]:
    """What somebody may do; they are active unless said otherwise."""
    return {
        action
        for action in EVERYTHING
        if ask(
            policies,
            subject=subject,
            action=action,
            resource="trading_account:acc_1",
            subject_attributes={"status": "active", "roles": frozenset({"user"})} | attributes,
            resource_attributes=ACCOUNT | (account or {}),
        ).allowed
    }


def member(*permissions: str) -> dict[str, Any]:
    return {"memberships": {"acc_1": {"permissions": list(permissions)}}}


def test_the_owner_may_do_everything(policies: PolicySet) -> None:
    assert may(policies, "user:usr_owner") == EVERYTHING


def test_a_stranger_may_do_nothing(policies: PolicySet) -> None:
    assert may(policies) == set()
    assert may(policies, memberships={}) == set()
    assert (
        may(policies, memberships={"acc_2": {"permissions": ["read", "trade", "manage"]}}) == set()
    )


@pytest.mark.parametrize(
    ("permission", "allowed"), [("read", {READ}), ("trade", {ORDER, CANCEL}), ("manage", {MANAGE})]
)
def test_a_member_may_do_what_their_permissions_say(
    policies: PolicySet, permission: str, allowed: set[str]
) -> None:
    assert may(policies, **member(permission)) == allowed


@pytest.mark.parametrize("role", ["support", "compliance", "admin"])
def test_staff_read_and_never_trade(policies: PolicySet, role: str) -> None:
    assert may(policies, roles=frozenset({"user", role})) == {READ}


def test_a_trader_has_no_more_than_anybody(policies: PolicySet) -> None:
    assert may(policies, roles=frozenset({"user", "trader"})) == set()


@pytest.mark.parametrize(
    "status", ["suspended", "deactivated", "erased", "pending_verification", None, 5]
)
def test_who_is_not_active_may_do_nothing(policies: PolicySet, status: Any) -> None:
    assert may(policies, "user:usr_owner", status=status) == set()
    assert may(policies, **{"roles": frozenset({"admin"}), "status": status}) == set()


@pytest.mark.parametrize(
    "status", ["pending_login", "reauth_required", "suspended", "invalid", None]
)
def test_nobody_trades_on_an_account_that_is_not_active(policies: PolicySet, status: Any) -> None:
    account = {"status": status}
    assert may(policies, "user:usr_owner", account) == {READ, MANAGE}
    assert may(policies, "user:usr_1", account, **member("read", "trade")) == {READ}


@pytest.mark.parametrize("active", [False, None])
def test_nobody_trades_on_an_account_whose_owner_is_not_active(
    policies: PolicySet, active: bool | None
) -> None:
    account = {"owner_active": active}
    assert may(policies, "user:usr_1", account, **member("read", "trade")) == {READ}


def test_an_account_that_does_not_exist_is_nobodys(policies: PolicySet) -> None:
    nothing = {"owner": None, "owner_active": None, "status": None, "broker": None}
    assert may(policies, "user:usr_owner", nothing) == set()


def test_a_service_may_do_nothing_by_itself(policies: PolicySet) -> None:
    assert may(policies, "service:ticker") == set()
