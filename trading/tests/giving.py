"""An owner who gives an account away, and a member who takes it."""

from typing import Any

from accounts.models import User
from authz.services import decisions
from trading.models import Membership, TradingAccount


def url(account: TradingAccount) -> str:
    return f"/v1/trading-accounts/{account.public_id}/ownership-transfer"


def person_of(membership: Membership) -> User:
    assert membership.user is not None
    return membership.user


def offer(api: Any, membership: Membership, **more: Any) -> Any:
    account = membership.account
    body = {"membership_id": membership.public_id} | more
    return api(account.owner, acr="mfa").post(url(account), body, format="json")


def answer(api: Any, user: User, transfer_id: str, word: str = "accept") -> Any:
    return api(user, acr="mfa").post(f"/v1/ownership-transfers/{transfer_id}/{word}")


def handed_over(api: Any, membership: Membership, **more: Any) -> TradingAccount:
    offered = offer(api, membership, **more)
    assert offered.status_code == 201, offered.content
    accepted = answer(api, person_of(membership), offered.json()["id"])
    assert accepted.status_code == 200, accepted.content
    return TradingAccount.objects.get(pk=membership.account_id)


def allowed(user: User, account: TradingAccount, action: str) -> bool:
    return decisions.check(
        subject=f"user:{user.public_id}",
        action=action,
        resource=account.entity,
        context={"acr": "mfa"},
    ).allowed
