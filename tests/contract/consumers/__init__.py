"""Three programs that depend on us, as small as they can be, and what each expects (Pact)."""

PROVIDER = "gatehouse"
ID = r"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"
MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


def an_id(prefix: str) -> str:
    """The pattern of public ids of a kind."""
    return ID.format(prefix=prefix)
