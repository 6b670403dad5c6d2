"""The state machine, arrow by arrow: those that there are, and all others."""

from itertools import product

import pytest

from trading.errors import AccountNotUsableError
from trading.models import AccountStatus, TradingAccount
from trading.services.transitions import Cause, allows, move

LEADS_TO = {
    (Cause.LOGIN_COMPLETED, "pending_login"): "active",
    (Cause.LOGIN_COMPLETED, "active"): "active",
    (Cause.LOGIN_COMPLETED, "degraded"): "active",
    (Cause.LOGIN_COMPLETED, "reauth_required"): "active",
    (Cause.LOGIN_COMPLETED, "invalid"): "active",
    (Cause.SESSION_ENDED, "active"): "reauth_required",
    (Cause.SESSION_ENDED, "degraded"): "reauth_required",
    (Cause.BROKER_STOPPED_ANSWERING, "active"): "degraded",
    (Cause.BROKER_ANSWERED, "degraded"): "active",
    (Cause.CREDENTIALS_REFUSED, "pending_login"): "invalid",
    (Cause.CREDENTIALS_REFUSED, "reauth_required"): "invalid",
    (Cause.SUSPENDED_BY_STAFF, "pending_login"): "suspended",
    (Cause.SUSPENDED_BY_STAFF, "active"): "suspended",
    (Cause.SUSPENDED_BY_STAFF, "degraded"): "suspended",
    (Cause.SUSPENDED_BY_STAFF, "reauth_required"): "suspended",
    (Cause.SUSPENDED_BY_STAFF, "invalid"): "suspended",
    (Cause.REACTIVATED_BY_STAFF, "suspended"): "reauth_required",
    (Cause.OWNERSHIP_TRANSFERRED, "active"): "reauth_required",
    (Cause.OWNERSHIP_TRANSFERRED, "degraded"): "reauth_required",
    (Cause.OWNERSHIP_TRANSFERRED, "reauth_required"): "reauth_required",
    (Cause.UNLINKING_BEGUN, "pending_login"): "disconnecting",
    (Cause.UNLINKING_BEGUN, "active"): "disconnecting",
    (Cause.UNLINKING_BEGUN, "degraded"): "disconnecting",
    (Cause.UNLINKING_BEGUN, "reauth_required"): "disconnecting",
    (Cause.UNLINKING_BEGUN, "invalid"): "disconnecting",
    (Cause.UNLINKING_BEGUN, "suspended"): "disconnecting",
    (Cause.UNLINKING_FINISHED, "disconnecting"): "unlinked",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("cause", "status"), list(product(Cause, AccountStatus)))
def test_a_cause_moves_an_account_along_its_arrow_or_not_at_all(
    cause: Cause, status: AccountStatus
) -> None:
    account = TradingAccount(status=status)
    target = LEADS_TO.get((cause, status.value))
    assert allows(account, cause) == (target is not None)
    if target is None:
        with pytest.raises(AccountNotUsableError) as refusal:
            move(account, cause)
        assert refusal.value.extensions["account_status"] == status
        assert account.status == status
    else:
        move(account, cause, reason="because")
        assert (account.status, account.status_reason) == (target, "because")
