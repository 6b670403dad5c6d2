"""How a question names its subject, action and resource: `user:usr_…`, `trade:place_order`, `trading_account:acc_…`."""

import re

LONGEST = 256

# Printable, no white space, and no `*`: that belongs to patterns. A role is no entity: nobody is one.
ENTITY = re.compile(r"(?!role:)[a-z][a-z0-9_]{0,63}:[^\s*\x00-\x1f\x7f]{1,191}")
ACTION = re.compile(r"[^\s:*\x00-\x1f\x7f]+(?::[^\s:*\x00-\x1f\x7f]+)*")


def is_entity(text: str) -> bool:
    """Whether `text` is a type, a colon and an id."""
    return len(text) <= LONGEST and ENTITY.fullmatch(text) is not None


def is_action(text: str) -> bool:
    """Whether `text` is one or more segments with colons between."""
    return len(text) <= LONGEST and ACTION.fullmatch(text) is not None


def split(reference: str) -> tuple[str, str]:
    """The type and the id of an entity."""
    kind, _, identifier = reference.partition(":")
    return kind, identifier
