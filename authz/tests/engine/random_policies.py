"""Random policies and questions, small enough to meet one another often.

`DECISION_EXAMPLES` says how many of them each comparison gets; `make prove-decisions` asks for more.
"""

import os
from typing import Any

from hypothesis import strategies as st

from authz.engine.policyset import PolicySet
from authz.engine.verdict import Verdict
from authz.tests.engine.asking import ask, policy

EXAMPLES = int(os.environ.get("DECISION_EXAMPLES", "100"))

TEXTS = st.sampled_from(["", "a", "active", "trade", "usr_1", "acc_1", "1", "true", "aab"])
MOMENTS = st.sampled_from(
    [
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00.000001Z",
        "2026-11-23T17:30:00+05:30",
        "2026-11-22T22:59:59-01:30",
        "2026-02-30T00:00:00Z",
        "2026-11-23",
    ]
)
ADDRESSES = st.sampled_from(
    ["203.0.113.7", "198.51.100.1", "::ffff:203.0.113.9", "2001:db8::1", "no address", "1.2.3"]
)
NUMBERS = st.sampled_from([0, 1, -1, 2.5, 1.0, 10**15])
SCALARS = TEXTS | MOMENTS | ADDRESSES | NUMBERS | st.booleans()
VALUES = st.recursive(
    SCALARS | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "usr_1", "acc_1", "permissions"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(["one", "two", "memberships"])
ATTRIBUTES = st.dictionaries(NAMES, VALUES, max_size=3)

PATHS = st.sampled_from(
    [
        "subject.one",
        "subject.id",
        "subject.memberships",
        "subject.memberships[resource.id].permissions",
        "subject.memberships[resource.two]",
        "resource.one",
        "resource.two.a",
        "resource.id",
        "context.one",
        "context.two",
        "action.name",
        "env.now",
    ]
)

HOMOGENEOUS = (
    st.lists(TEXTS, min_size=1, max_size=3)
    | st.lists(NUMBERS, min_size=1, max_size=3)
    | st.lists(st.booleans(), min_size=1, max_size=2)
)
NETWORKS = st.lists(
    st.sampled_from(["203.0.113.0/24", "2001:db8::/32", "198.51.100.1/32"]), min_size=1, max_size=2
)
ZONES = st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns"])
HOURS = st.builds(
    lambda pair, zone: {"from": pair[0], "to": pair[1], "timezone": zone},
    st.permutations(["09:15", "15:30", "12:00", "23:59"]),
    ZONES,
)
DAYS = st.builds(
    lambda days, zone: {"days": days, "timezone": zone},
    st.lists(st.sampled_from(["mon", "tue", "sun"]), min_size=1, max_size=2),
    ZONES,
)
REFERENCE = st.builds(lambda path: {"attr": path}, PATHS)
ORDERED = NUMBERS | st.sampled_from(["2026-11-23T12:00:00Z", "2026-11-23T17:30:00+05:30"])
PATTERNS = st.sampled_from(["a.*", "act(ive)?", "(a*)*b", "", "[a-z]+", r"\d+"])

OPERANDS: dict[str, Any] = {
    **dict.fromkeys(("eq", "ne"), SCALARS | REFERENCE),
    **dict.fromkeys(("lt", "lte", "gt", "gte"), ORDERED | REFERENCE),
    **dict.fromkeys(("in", "not_in", "contains_any", "contains_all"), HOMOGENEOUS | REFERENCE),
    "contains": SCALARS | REFERENCE,
    **dict.fromkeys(("starts_with", "ends_with"), TEXTS | REFERENCE),
    "matches": PATTERNS,
    "exists": st.booleans(),
    "in_network": NETWORKS | REFERENCE,
    "between_times": HOURS,
    "weekday_in": DAYS,
}

TESTS = st.sampled_from(sorted(OPERANDS)).flatmap(
    lambda name: st.builds(
        lambda path, operand: {"attr": path, name: operand}, PATHS, OPERANDS[name]
    )
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: (
        st.builds(
            lambda name, parts: {name: parts},
            st.sampled_from(["all", "any"]),
            st.lists(inner, min_size=1, max_size=3),
        )
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=5,
)

SUBJECT_PATTERNS = st.sampled_from(
    [
        "user:*",
        "user:usr_1",
        "user:usr_2",
        "role:staff",
        "role:trader",
        "service:*",
        "service:ticker",
    ]
)
ACTION_PATTERNS = st.sampled_from(
    [
        "*",
        "trade:*",
        "trade:place_*",
        "trade:place_order",
        "*:read",
        "t*:*_order",
        "*:*",
        "read",
        "trade:*:now",
    ]
)
RESOURCE_PATTERNS = st.sampled_from(
    [
        "*",
        "trading_account:*",
        "trading_account:acc_1",
        "trading_account:acc_*",
        "*:acc_2",
        "document:a:*",
        "document:*:c",
        "doc*:*",
    ]
)
POLICIES = st.lists(
    st.builds(
        policy,
        name=st.sampled_from(["a", "b", "c", "d"]),
        effect=st.sampled_from(["allow", "deny"]),
        priority=st.sampled_from([-1, 0, 0, 1]),
        subjects=st.lists(SUBJECT_PATTERNS, min_size=1, max_size=2),
        actions=st.lists(ACTION_PATTERNS, min_size=1, max_size=2),
        resources=st.lists(RESOURCE_PATTERNS, min_size=1, max_size=2),
        condition=CONDITIONS,
        enabled=st.sampled_from([True, True, True, False]),
    ),
    max_size=5,
    unique_by=lambda document: document["name"],
)
QUESTIONS = st.fixed_dictionaries(
    {
        "subject": st.sampled_from(["user:usr_1", "user:usr_2", "service:ticker", "robot:r2"]),
        "action": st.sampled_from(
            ["trade:place_order", "trade:place_order:now", "trading_account:read", "read"]
        ),
        "resource": st.sampled_from(
            [
                "trading_account:acc_1",
                "trading_account:acc_2",
                "document:a:b:c",
                "document:a:c",
                "document:c",
            ]
        ),
        "roles": st.frozensets(st.sampled_from(["staff", "trader"])),
        "subject_attributes": ATTRIBUTES,
        "resource_attributes": ATTRIBUTES,
        "context": ATTRIBUTES,
    }
)


def ask_at_random(policies: PolicySet, question: dict[str, Any]) -> Verdict:
    """What the engine answers to one of QUESTIONS."""
    return ask(
        policies,
        subject=question["subject"],
        action=question["action"],
        resource=question["resource"],
        subject_attributes={**question["subject_attributes"], "roles": question["roles"]},
        resource_attributes=question["resource_attributes"],
        context=question["context"],
    )
