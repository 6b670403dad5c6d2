from typing import Any

import pytest

from trading.models import Membership
from trading.tests.factories import MembershipFactory, active_account


@pytest.fixture(autouse=True)
def policies_in_force(shipped_policies: None) -> None:
    """Whoever asks at a door is judged by the policies that come with the product."""


@pytest.fixture
def member(simulator: Any) -> Membership:
    """Somebody with whom an active account is shared. The broker listens."""
    membership: Membership = MembershipFactory.create(
        account=active_account(nickname="Family"), permissions=["read", "trade"]
    )
    return membership
