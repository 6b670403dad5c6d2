"""What is kept of the broker's profile and margins: what the owner may see, and no more of who they are."""

from typing import Any

from trading.brokers.base import BrokerProfile, Margin
from trading.events import SnapshotPart
from trading.masking import masked, masked_email
from trading.models import TradingAccount

PROFILE_PARTS: tuple[SnapshotPart, ...] = ("name", "email", "exchanges", "products", "order_types")


def of_profile(profile: BrokerProfile) -> dict[str, Any]:
    return {
        "broker_user_id": masked(profile.broker_user_id),
        "name": profile.name,
        "email": masked_email(profile.email),
        "exchanges": list(profile.exchanges),
        "products": list(profile.products),
        "order_types": list(profile.order_types),
    }


def of_margins(margins: tuple[Margin, ...]) -> list[dict[str, Any]]:
    """Rupees as decimal strings, by segment."""
    return [
        {
            "segment": margin.segment,
            "enabled": margin.enabled,
            "net": margin.net,
            "available_cash": margin.available_cash,
            "utilised": margin.utilised,
        }
        for margin in margins
    ]


def keep(
    account: TradingAccount, profile: BrokerProfile, margins: tuple[Margin, ...]
) -> tuple[SnapshotPart, ...]:
    """Set the account's snapshot, which the caller saves; returns the parts that are different from before."""
    told, funds = of_profile(profile), of_margins(margins)
    changed = [part for part in PROFILE_PARTS if told[part] != account.profile.get(part)]
    if funds != account.margins:
        changed.append("margins")
    account.profile, account.margins = told, funds
    return tuple(changed)
