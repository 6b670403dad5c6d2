"""The language once more, slowly: read straight from the JSON, no compiling, no index, no short cuts.

Written from the table in docs/integrators/policies.md so that it disagrees where the engine is wrong. Outcomes are
"true", "false" and "unknown"; of a path there is a value or NOTHING.
"""

import ipaddress
import math
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import re2

NOTHING = object()
BROKEN = object()  # a path through something that is no object

TRUE, FALSE, UNKNOWN = "true", "false", "unknown"

JSON = Any


def decide(policies: list[JSON], question: JSON) -> tuple[str, str | None]:
    """("allow" or "deny", the name of the policy that decided)."""
    matching = [
        policy for policy in policies if policy.get("enabled", True) and matches(policy, question)
    ]
    if not matching:
        return "deny", None
    top = max(policy.get("priority", 0) for policy in matching)
    deciding = sorted(
        (policy for policy in matching if policy.get("priority", 0) == top),
        key=lambda policy: policy["name"],
    )
    denies = [policy for policy in deciding if policy["effect"] == "deny"]
    decider = (denies or deciding)[0]
    return decider["effect"], decider["name"]


def matches(policy: JSON, question: JSON) -> bool:
    if not any(subject_fits(pattern, question) for pattern in policy["subjects"]):
        return False
    if not any(pattern_fits(pattern, question["action"]) for pattern in policy["actions"]):
        return False
    if not any(pattern_fits(pattern, question["resource"]) for pattern in policy["resources"]):
        return False
    outcome = condition(policy.get("condition"), question)
    return outcome == TRUE or (policy["effect"] == "deny" and outcome == UNKNOWN)


def subject_fits(pattern: str, question: JSON) -> bool:
    kind, name = pattern.split(":", 1)
    if kind == "role":
        return name in question["subject_attributes"].get("roles", ())
    return pattern == question["subject"] or (
        name == "*" and question["subject"].startswith(f"{kind}:")
    )


def pattern_fits(pattern: str, text: str) -> bool:
    """As a regular expression: fine here, where nobody sends hostile ones."""
    segments = pattern.split(":")
    expressions = [
        ".*".join(map(re.escape, segment.split("*"))).replace(".*", "[^:]*") for segment in segments
    ]
    if segments[-1] == "*":
        expressions[-1] = ".+"
    return re.fullmatch(":".join(expressions), text, re.DOTALL) is not None


def condition(node: JSON, question: JSON) -> str:
    if node is None:
        return TRUE
    if "all" in node:
        return conjunction([condition(part, question) for part in node["all"]])
    if "any" in node:
        return disjunction([condition(part, question) for part in node["any"]])
    if "not" in node:
        return opposite(condition(node["not"], question))
    return single_test(node, question)


def single_test(node: JSON, question: JSON) -> str:
    ((operator, operand),) = [(name, value) for name, value in node.items() if name != "attr"]
    value = attribute(node["attr"], question)
    if operator == "exists":
        return UNKNOWN if value is BROKEN else truth((value is not NOTHING) is operand)
    if isinstance(operand, dict) and "attr" in operand:
        operand = attribute(operand["attr"], question)
    if any(one is NOTHING or one is BROKEN for one in (value, operand)):
        return UNKNOWN
    return str(TESTS[operator](value, operand))


def conjunction(outcomes: list[str]) -> str:
    if FALSE in outcomes:
        return FALSE
    return UNKNOWN if UNKNOWN in outcomes else TRUE


def disjunction(outcomes: list[str]) -> str:
    return opposite(conjunction([opposite(outcome) for outcome in outcomes]))


def opposite(outcome: str) -> str:
    return {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}[outcome]


def truth(value: bool) -> str:
    return TRUE if value else FALSE


def attribute(path: str, question: JSON) -> Any:
    """Handles the two shapes that the tests write: dotted names, and one bracket with a path in it."""
    key: Any = None
    if "[" in path:
        path, inner, rest = re.fullmatch(r"(.*)\[(.*)\](.*)", path).groups()  # type: ignore[union-attr]
        key = attribute(inner, question)
        if key is not NOTHING and not isinstance(key, str):
            return BROKEN
        steps = [*path.split("."), key, *[name for name in rest.split(".") if name]]
    else:
        steps = path.split(".")
    value: Any = question["roots"][steps[0]]
    for step in steps[1:]:
        if not isinstance(value, dict):
            return BROKEN
        if step is NOTHING or value.get(step) is None:
            return NOTHING
        value = value[step]
    return value


def sort_of(value: Any) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float) and math.isfinite(value):
        return "number"
    return "string" if isinstance(value, str) else None


def same(one: Any, other: Any) -> str:
    if sort_of(one) is None or sort_of(one) != sort_of(other):
        return UNKNOWN
    return truth(one == other)


def is_list(value: Any) -> bool:
    return isinstance(value, list | frozenset)


def contains(value: Any, item: Any) -> str:
    if not is_list(value) or sort_of(item) is None:
        return UNKNOWN
    return disjunction([same(element, item) for element in value])


def contains_any(value: Any, items: Any) -> str:
    if not is_list(value) or not is_list(items):
        return UNKNOWN
    return disjunction([contains(value, item) for item in items])


def contains_all(value: Any, items: Any) -> str:
    if not is_list(value) or not is_list(items):
        return UNKNOWN
    return conjunction([contains(value, item) for item in items])


def moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value
    ):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def compare(one: Any, other: Any, holds: Any) -> str:
    if sort_of(one) == sort_of(other) == "number":
        return truth(holds(one, other))
    early, late = moment(one), moment(other)
    return UNKNOWN if early is None or late is None else truth(holds(early, late))


def affix(one: Any, other: Any, holds: Any) -> str:
    if not (isinstance(one, str) and isinstance(other, str)):
        return UNKNOWN
    return truth(holds(one, other))


def in_network(value: Any, networks: Any) -> str:
    if not isinstance(value, str) or not is_list(networks):
        return UNKNOWN
    try:
        address = ipaddress.ip_address(value)
        ranges = [ipaddress.ip_network(network) for network in networks]
    except (ValueError, TypeError):
        return UNKNOWN
    if any(not isinstance(network, str) for network in networks):
        return UNKNOWN
    address = getattr(address, "ipv4_mapped", None) or address
    return truth(any(address in one for one in ranges))


def between_times(value: Any, hours: Any) -> str:
    at = moment(value)
    if at is None:
        return UNKNOWN
    shown = at.astimezone(ZoneInfo(hours["timezone"])).strftime("%H:%M:%S.%f")
    if hours["from"] < hours["to"]:
        return truth(hours["from"] <= shown < hours["to"])
    return truth(not (hours["to"] <= shown < hours["from"]))


def weekday_in(value: Any, days: Any) -> str:
    at = moment(value)
    if at is None:
        return UNKNOWN
    return truth(at.astimezone(ZoneInfo(days["timezone"])).strftime("%a").lower() in days["days"])


TESTS: dict[str, Any] = {
    "eq": same,
    "ne": lambda one, other: opposite(same(one, other)),
    "lt": lambda one, other: compare(one, other, lambda a, b: a < b),
    "lte": lambda one, other: compare(one, other, lambda a, b: a <= b),
    "gt": lambda one, other: compare(one, other, lambda a, b: a > b),
    "gte": lambda one, other: compare(one, other, lambda a, b: a >= b),
    "in": lambda one, other: contains(other, one),
    "not_in": lambda one, other: opposite(contains(other, one)),
    "contains": contains,
    "contains_any": contains_any,
    "contains_all": contains_all,
    "starts_with": lambda one, other: affix(one, other, lambda a, b: a[: len(b)] == b),
    "ends_with": lambda one, other: affix(
        one, other, lambda a, b: a[len(a) - len(b) :] == b and len(a) >= len(b)
    ),
    "matches": lambda one, other: affix(one, other, lambda a, b: re2.fullmatch(b, a) is not None),
    "in_network": in_network,
    "between_times": between_times,
    "weekday_in": weekday_in,
}
