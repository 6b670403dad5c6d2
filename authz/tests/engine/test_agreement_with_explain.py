"""Random policies and questions: what explain says decided is what decides, and each node says what it came to."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from authz.engine.conditions import AllOf, AnyOf, Not
from authz.engine.document import parse
from authz.engine.explain import Explanation, Standing, explain
from authz.engine.frame import Entity
from authz.engine.outcomes import all_of, any_of, negate
from authz.engine.policyset import PolicySet
from authz.engine.trace import TracedNode
from authz.engine.wording import Narrator
from authz.tests.engine.asking import NOON
from authz.tests.engine.random_policies import EXAMPLES, POLICIES, QUESTIONS, ask_at_random


def explained(policies: PolicySet, question: dict[str, Any]) -> Explanation:
    subject = {**question["subject_attributes"], "roles": question["roles"]}
    return explain(
        policies,
        subject=Entity.known(question["subject"], subject),
        action=question["action"],
        resource=Entity.known(question["resource"], question["resource_attributes"]),
        context=question["context"],
        now=NOON,
    )


@settings(max_examples=EXAMPLES)
@given(policies=POLICIES, questions=st.lists(QUESTIONS, min_size=1, max_size=4))
def test_explain_and_check_agree(
    policies: list[dict[str, Any]], questions: list[dict[str, Any]]
) -> None:
    compiled = PolicySet.build(parse(document) for document in policies)
    for question in questions:
        explanation = explained(compiled, question)
        assert explanation.verdict == ask_at_random(compiled, question)
        decided = [one for one in explanation.policies if one.standing is Standing.DECIDED]
        assert [one.policy.name for one in decided] == (
            [explanation.verdict.policy] if explanation.verdict.policy else []
        )
        narrator = Narrator(subject_type="user", resource_type="document")
        for policy in explanation.policies:
            if policy.condition is not None:
                holds_together(policy.condition, narrator)
                assert policy.condition.outcome is not None


def holds_together(node: TracedNode, narrator: Narrator) -> None:
    """The outcome of a branch is that of the parts that were looked at; every test has a sentence."""
    parts = [part.outcome for part in node.parts if part.outcome is not None]
    if node.outcome is None:
        assert not parts
        return
    match node.condition:
        case AllOf():
            assert all_of(parts) is node.outcome
        case AnyOf():
            assert any_of(parts) is node.outcome
        case Not():
            assert [negate(part) for part in parts] == [node.outcome]
        case _:
            assert narrator.test(node).endswith(".")
    for part in node.parts:
        holds_together(part, narrator)
