"""The operators by name. `exists` alone is not among them: it has an answer for what is missing, so `conditions`
knows it."""

from authz.engine.operators import clock, comparison, membership, network, text
from authz.engine.operators.base import Check, Compare, Operator

__all__ = ["EXISTS", "OPERATORS", "Check", "Compare", "Operator"]

EXISTS = "exists"

OPERATORS: dict[str, Operator] = {
    "eq": comparison.EQUAL,
    "ne": comparison.DIFFERENT,
    "lt": comparison.LESS,
    "lte": comparison.LESS_OR_EQUAL,
    "gt": comparison.GREATER,
    "gte": comparison.GREATER_OR_EQUAL,
    "in": membership.IN,
    "not_in": membership.NOT_IN,
    "contains": membership.CONTAINS,
    "contains_any": membership.CONTAINS_ANY,
    "contains_all": membership.CONTAINS_ALL,
    "starts_with": text.STARTS_WITH,
    "ends_with": text.ENDS_WITH,
    "matches": text.MATCHES,
    "in_network": network.IN_NETWORK,
    "between_times": clock.BETWEEN_TIMES,
    "weekday_in": clock.WEEKDAY_IN,
}
