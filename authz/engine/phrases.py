"""How each operator is said: when a test is true, and when it is false. `{v}` is the value, `{o}` the operand."""

from authz.engine import limits
from authz.engine.operators import EXISTS

PHRASES: dict[str, tuple[str, str]] = {
    "eq": ("is {v}, as the policy wants", "is {v}, and the policy wants {o}"),
    "ne": ("is {v}, which is not {o}", "is {v}, and the policy wants anything else"),
    "lt": ("is {v}, which is less than {o}", "is {v}, and the policy wants less than {o}"),
    "lte": ("is {v}, which is at most {o}", "is {v}, and the policy wants at most {o}"),
    "gt": ("is {v}, which is more than {o}", "is {v}, and the policy wants more than {o}"),
    "gte": ("is {v}, which is at least {o}", "is {v}, and the policy wants at least {o}"),
    "in": ("is {v}, which is one of {o}", "is {v}, and the policy wants one of {o}"),
    "not_in": ("is {v}, which is none of {o}", "is {v}, and the policy wants none of {o}"),
    "contains": ("is {v}, with {o} in it", "is {v}, and the policy wants {o} in it"),
    "contains_any": (
        "is {v}, with at least one of {o}",
        "is {v}, and the policy wants at least one of {o}",
    ),
    "contains_all": ("is {v}, with all of {o}", "is {v}, and the policy wants all of {o}"),
    "starts_with": (
        "is {v}, which starts with {o}",
        "is {v}, and the policy wants it to start with {o}",
    ),
    "ends_with": ("is {v}, which ends with {o}", "is {v}, and the policy wants it to end with {o}"),
    "matches": ("is {v}, which matches {o}", "is {v}, and the policy wants it to match {o}"),
    "in_network": (
        "is {v}, which lies in {o}",
        "is {v}, and the policy wants an address in {o}",
    ),
    "between_times": (
        "is {v}, which lies {o}",
        "is {v}, and the policy wants a time {o}",
    ),
    "weekday_in": ("is {v}, which is on {o}", "is {v}, and the policy wants a day of {o}"),
}

# What a value must be for the operator to say anything, where the operand does not say it.
WANTED: dict[str, str] = {
    **dict.fromkeys(("lt", "lte", "gt", "gte"), "a number or a time, as what it is compared with"),
    **dict.fromkeys(("contains", "contains_any", "contains_all"), "a list of values of one type"),
    **dict.fromkeys(("starts_with", "ends_with"), "a string"),
    "matches": f"a string of at most {limits.MATCHED_LENGTH:,} characters",
    "in_network": "an IP address",
    **dict.fromkeys(("between_times", "weekday_in"), "a time"),
}

ABSENCE = {
    True: ("is known, as the policy wants", "Nothing is known of {path}, and the policy wants it"),
    False: (
        "Nothing is known of {path}, as the policy wants",
        "is known, and the policy wants that it is not",
    ),
}

__all__ = ["ABSENCE", "EXISTS", "PHRASES", "WANTED"]
