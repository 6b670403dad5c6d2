"""How identifiers that are nobody else's business look to the people who may know that they exist."""

DOTS = "••••"
SHORTEST_WITH_FOUR = 8


def masked(identifier: str) -> str:
    """`••••` and the last four characters; of a short identifier the last two, of a tiny one none."""
    shown = 4 if len(identifier) >= SHORTEST_WITH_FOUR else 2 if len(identifier) > 4 else 0
    return DOTS + identifier[len(identifier) - shown :]


def masked_email(address: str) -> str:
    """`a••••@example.com`; empty when there is none."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{DOTS}@{domain}" if local else ""
