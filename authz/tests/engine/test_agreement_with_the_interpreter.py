"""Random policies and questions: the compiled closures and the slow interpreter say the same."""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from authz.engine.document import parse
from authz.engine.outcomes import Unknown
from authz.engine.policyset import PolicySet
from authz.tests.engine import interpreter
from authz.tests.engine.asking import NOON, outcome
from authz.tests.engine.random_policies import (
    ATTRIBUTES,
    CONDITIONS,
    EXAMPLES,
    POLICIES,
    QUESTIONS,
    VALUES,
    ask_at_random,
)


def as_the_interpreter_wants_it(question: dict[str, Any]) -> dict[str, Any]:
    kind, _, name = question["subject"].partition(":")
    resource_kind, _, resource_name = question["resource"].partition(":")
    subject = {
        **question["subject_attributes"],
        "roles": question["roles"],
        "id": name,
        "type": kind,
    }
    return {
        "subject": question["subject"],
        "action": question["action"],
        "resource": question["resource"],
        "subject_attributes": subject,
        "roots": {
            "subject": subject,
            "action": {"name": question["action"]},
            "resource": {
                **question["resource_attributes"],
                "id": resource_name,
                "type": resource_kind,
            },
            "context": question["context"],
            "env": {"now": NOON.isoformat().replace("+00:00", "Z")},
        },
    }


@settings(max_examples=EXAMPLES)
@given(policies=POLICIES, questions=st.lists(QUESTIONS, min_size=1, max_size=4))
def test_decisions_agree(policies: list[dict[str, Any]], questions: list[dict[str, Any]]) -> None:
    compiled = PolicySet.build(parse(document) for document in policies)
    for question in questions:
        verdict = ask_at_random(compiled, question)
        expected = interpreter.decide(policies, as_the_interpreter_wants_it(question))
        assert ("allow" if verdict.allowed else "deny", verdict.policy or None) == expected


@settings(max_examples=EXAMPLES)
@given(condition=CONDITIONS, one=VALUES, two=VALUES, context=ATTRIBUTES)
@example(
    condition={"attr": "resource.one", "in": {"attr": "context.one"}},
    one=True,
    two=None,
    context={"one": [1]},
)
def test_conditions_agree(
    condition: dict[str, Any], one: Any, two: Any, context: dict[str, Any]
) -> None:
    subject = {"id": "usr_1", "one": one, "memberships": two}
    resource = {"id": "acc_1", "one": one, "two": two}
    found = outcome(condition, subject=subject, resource=resource, context=context)
    roots = {
        "subject": subject,
        "resource": resource,
        "context": context,
        "action": {"name": "trade:place_order"},
        "env": {"now": NOON.isoformat().replace("+00:00", "Z")},
    }
    told = "unknown" if isinstance(found, Unknown) else str(found).lower()
    assert told == interpreter.condition(condition, {"roots": roots})
