"""Random policies of what Cedar can say too: ours and Cedar decide alike.

Left out is what differs by design: priorities, patterns within a segment, and attributes that are missing or of another
type, where Cedar passes a policy over with an error and we take a deny that cannot be ruled out for one that matches.
"""

import json
from typing import Any

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.engine.document import parse
from authz.engine.policyset import PolicySet
from authz.tests.engine.asking import ask, policy
from authz.tests.engine.random_policies import EXAMPLES

WORDS = st.sampled_from(["red", "blue", "re", "d", "active", "a*b"])
WHOLE = st.integers(-3, 3)
IP = st.sampled_from(["203.0.113.7", "198.51.100.1", "10.1.2.3"])
NETWORKS = st.sampled_from(["203.0.113.0/24", "198.51.100.1/32", "10.0.0.0/8"])
ATTRIBUTES = {
    "word": WORDS,
    "level": WHOLE,
    "flag": st.booleans(),
    "tags": st.lists(WORDS, max_size=3),
}
ACTIONS = ("trade:place", "trade:cancel", "account:read")
SUBJECTS, RESOURCES = (
    ("user:ann", "user:bob", "service:bot"),
    ("account:one", "account:two", "doc:x"),
)
ROLES = ("staff", "trader")

PATHS = {name: st.sampled_from([f"subject.{name}", f"resource.{name}"]) for name in ATTRIBUTES}
LISTS = st.lists(WORDS, min_size=1, max_size=3)


def some(paths: Any, operators: list[str], operand: Any) -> Any:
    return st.builds(
        lambda path, name, value: {"attr": path, name: value},
        paths,
        st.sampled_from(operators),
        operand,
    )


def other(kind: str) -> Any:
    return st.builds(lambda path: {"attr": path}, PATHS[kind])


TESTS = st.one_of(
    some(PATHS["word"], ["eq", "ne"], WORDS | other("word")),
    some(PATHS["level"], ["eq", "ne"], WHOLE | other("level")),
    some(PATHS["flag"], ["eq", "ne"], st.booleans()),
    some(PATHS["level"], ["lt", "lte", "gt", "gte"], WHOLE | other("level")),
    some(PATHS["word"], ["in", "not_in"], LISTS),
    some(PATHS["tags"], ["contains"], WORDS | other("word")),
    some(PATHS["tags"], ["contains_any", "contains_all"], LISTS | other("tags")),
    some(PATHS["word"], ["starts_with", "ends_with"], WORDS),
    some(st.just("context.ip"), ["in_network"], st.lists(NETWORKS, min_size=1, max_size=2)),
    some(PATHS["word"], ["exists"], st.booleans()),
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
POLICIES = st.lists(
    st.builds(
        policy,
        name=st.sampled_from(["a", "b", "c", "d"]),
        effect=st.sampled_from(["allow", "deny"]),
        subjects=st.sampled_from([*SUBJECTS, "user:*", *(f"role:{role}" for role in ROLES)]).map(
            lambda one: [one]
        ),
        actions=st.sampled_from([*ACTIONS, "trade:*", "*"]).map(lambda one: [one]),
        resources=st.sampled_from([*RESOURCES, "account:*", "*"]).map(lambda one: [one]),
        condition=CONDITIONS,
    ),
    max_size=4,
    unique_by=lambda document: document["name"],
)
QUESTIONS = st.fixed_dictionaries(
    {
        "subject": st.sampled_from(SUBJECTS),
        "action": st.sampled_from(ACTIONS),
        "resource": st.sampled_from(RESOURCES),
        "roles": st.lists(st.sampled_from(ROLES), unique=True),
        "subject_attributes": st.fixed_dictionaries(ATTRIBUTES),
        "resource_attributes": st.fixed_dictionaries(ATTRIBUTES),
        "context": st.fixed_dictionaries({"ip": IP}),
    }
)


def quoted(value: Any) -> str:
    return json.dumps(value)


def uid(reference: str) -> str:
    kind, _, name = reference.partition(":")
    return f"{kind}::{quoted(name)}"


def cedar_of(document: dict[str, Any]) -> str:
    effect = "permit" if document["effect"] == "allow" else "forbid"
    (subject,), (action,), (resource,) = (
        document[name] for name in ("subjects", "actions", "resources")
    )
    head = ", ".join(
        [
            f"principal {'in' if subject.startswith('role:') else 'is'} "
            f"{uid(subject) if subject.startswith('role:') else subject.partition(':')[0]}"
            if subject.endswith(":*") or subject.startswith("role:")
            else f"principal == {uid(subject)}",
            "action" if action == "*" else f"action in Action::{quoted(action)}",
            "resource"
            if resource == "*"
            else f"resource is {resource.partition(':')[0]}"
            if resource.endswith(":*")
            else f"resource == {uid(resource)}",
        ]
    )
    return f"{effect} ({head}) when {{ {expression(document['condition'])} }};"


def expression(condition: dict[str, Any]) -> str:
    if "all" in condition:
        return "(" + " && ".join(expression(part) for part in condition["all"]) + ")"
    if "any" in condition:
        return "(" + " || ".join(expression(part) for part in condition["any"]) + ")"
    if "not" in condition:
        return f"!({expression(condition['not'])})"
    path = condition["attr"].replace("subject.", "principal.")
    ((operator, operand),) = [item for item in condition.items() if item[0] != "attr"]
    if operator == "exists":
        root, _, name = path.partition(".")
        return f"({'' if operand else '!'}({root} has {name}))"
    return f"({compared(path, operator, operand)})"


def compared(path: str, operator: str, operand: Any) -> str:
    is_path = isinstance(operand, dict)
    value = operand["attr"].replace("subject.", "principal.") if is_path else quoted(operand)
    symbols = {"eq": "==", "ne": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
    match operator:
        case "in" | "not_in":
            return f"{'' if operator == 'in' else '!'}{value}.contains({path})"
        case "contains":
            return f"{path}.contains({value})"
        case "contains_any" | "contains_all":
            return (
                f"{path}.{'containsAny' if operator == 'contains_any' else 'containsAll'}({value})"
            )
        case "starts_with" | "ends_with":
            text = operand.replace("*", r"\*")
            return (
                f'{path} like "{text}*"' if operator == "starts_with" else f'{path} like "*{text}"'
            )
        case "in_network":
            return " || ".join(f"ip({path}).isInRange(ip({quoted(one)}))" for one in operand)
    return f"{path} {symbols[operator]} {value}"


def entity(
    reference: str, attributes: dict[str, Any], parents: list[dict[str, str]]
) -> dict[str, Any]:
    kind, _, name = reference.partition(":")
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": parents}


def cedar_decides(policies: list[dict[str, Any]], question: dict[str, Any]) -> bool:
    roles = [{"type": "role", "id": role} for role in question["roles"]]
    group = f"{question['action'].partition(':')[0]}:*"
    entities = [
        entity(question["subject"], question["subject_attributes"], roles),
        entity(question["resource"], question["resource_attributes"], []),
        {
            "uid": {"type": "Action", "id": question["action"]},
            "attrs": {},
            "parents": [{"type": "Action", "id": group}],
        },
    ]
    request = {
        "principal": uid(question["subject"]),
        "action": f"Action::{quoted(question['action'])}",
        "resource": uid(question["resource"]),
        "context": question["context"],
    }
    text = "\n".join(cedar_of(document) for document in policies)
    answer = cedarpy.is_authorized(request, text, entities)
    assert answer.diagnostics.errors == []
    return bool(answer.allowed)


@settings(max_examples=EXAMPLES)
@given(policies=POLICIES, questions=st.lists(QUESTIONS, min_size=1, max_size=4))
def test_ours_and_cedar_decide_alike(
    policies: list[dict[str, Any]], questions: list[dict[str, Any]]
) -> None:
    compiled = PolicySet.build(parse(document) for document in policies)
    for question in questions:
        ours = ask(
            compiled,
            subject=question["subject"],
            action=question["action"],
            resource=question["resource"],
            subject_attributes={**question["subject_attributes"], "roles": question["roles"]},
            resource_attributes=question["resource_attributes"],
            context=question["context"],
        )
        assert ours.allowed is cedar_decides(policies, question)
