"""What is kept of the broker's profile and margins: what the owner may see, and no more of who they are."""

from typing import Any

from trading.brokers.base import BrokerProfile, Margin
from trading.masking import masked, masked_email


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
