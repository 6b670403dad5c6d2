"""Explanations as JSON."""

from typing import Any

from rest_framework import serializers

from authz.engine.conditions import AllOf, AnyOf, Not, Test
from authz.engine.explain import Standing
from authz.engine.outcomes import Outcome, Unknown
from authz.engine.paths import AttributePath
from authz.engine.shown import shown
from authz.engine.trace import Seen, TracedNode
from authz.engine.verdict import Reason
from authz.engine.wording import Narrator
from authz.services.explanations import Explained, ExplainedPolicy

KINDS = {Test: "test", AllOf: "all", AnyOf: "any", Not: "not"}
OUTCOMES = ["true", "false", "unknown", "not_reached"]


class ConditionSerializer(serializers.Serializer[Any]):
    """One node of a condition. A test has `attr` and what follows it; the others have `parts`."""

    path = serializers.CharField(help_text="Its place in the policy: `condition.all.1`.")
    kind = serializers.ChoiceField(choices=["all", "any", "not", "test"])
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    why = serializers.ChoiceField(
        choices=[why.value for why in Unknown], allow_null=True, help_text="Of what is unknown."
    )
    sentence = serializers.CharField(required=False, help_text="The same for people.")
    attr = serializers.CharField(required=False)
    operator = serializers.CharField(required=False)
    operand = serializers.JSONField(required=False, help_text="The literal, or `{attr}`.")
    value = serializers.JSONField(
        required=False, help_text="The attribute's value; null when it is missing or was not used."
    )
    other_value = serializers.JSONField(
        required=False, help_text="The value of the operand when that is an attribute."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        parts = serializers.ListField(
            child=serializers.DictField(), required=False, help_text="Nodes like this one."
        )
        return super().get_fields() | {"parts": parts}


class ExplainedPolicySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    effect = serializers.ChoiceField(choices=["allow", "deny"])
    priority = serializers.IntegerField()
    standing = serializers.ChoiceField(
        choices=[standing.value for standing in Standing],
        help_text="`decided`; `did_not_match`; or behind the one that decided, `would_have_matched` or `not_reached`.",
    )
    outcome = serializers.ChoiceField(choices=["true", "false", "unknown"])
    why = serializers.ChoiceField(choices=[why.value for why in Unknown], allow_null=True)
    sentence = serializers.CharField()
    condition = ConditionSerializer(allow_null=True)


class LackedRoleSerializer(serializers.Serializer[Any]):
    policy = serializers.CharField(source="policy.name")
    roles = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()


class ExplanationSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=["allow", "deny"])
    reason = serializers.ChoiceField(choices=[reason.value for reason in Reason])
    policy = serializers.CharField(allow_null=True)
    obligations = serializers.DictField()
    summary = serializers.CharField(help_text="The decision in plain words.")
    policies = ExplainedPolicySerializer(
        many=True, help_text="Every policy that could have matched, in the order of deciding."
    )
    for_other_roles = LackedRoleSerializer(
        many=True, help_text="Policies that are for roles which the subject does not hold."
    )
    evaluated_at = serializers.DateTimeField()

    def to_representation(self, instance: Explained) -> dict[str, Any]:
        verdict = instance.explanation.verdict
        return {
            "decision": "allow" if verdict.allowed else "deny",
            "reason": verdict.reason.value,
            "policy": verdict.policy or None,
            "obligations": dict(verdict.obligations),
            "summary": instance.summary,
            "policies": [_policy(one, instance.narrator) for one in instance.policies],
            "for_other_roles": LackedRoleSerializer(instance.lacked, many=True).data,
            "evaluated_at": self.fields["evaluated_at"].to_representation(instance.evaluated_at),
        }


def _policy(explained: ExplainedPolicy, narrator: Narrator) -> dict[str, Any]:
    traced, tree = explained.traced, explained.traced.condition
    outcome: Outcome | None = True if tree is None else tree.outcome
    return {
        "name": traced.policy.name,
        "version": explained.version,
        "effect": traced.policy.document.effect,
        "priority": traced.policy.document.priority,
        "standing": traced.standing.value,
        **_outcome(outcome),
        "sentence": explained.sentence,
        "condition": None if tree is None else _node(tree, narrator),
    }


def _node(node: TracedNode, narrator: Narrator) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "path": node.place,
        "kind": KINDS[type(node.condition)],
        **_outcome(node.outcome),
    }
    if isinstance(node.condition, Test):
        return answer | _test(node, node.condition, narrator)
    return answer | {"parts": [_node(part, narrator) for part in node.parts]}


def _test(node: TracedNode, test: Test, narrator: Narrator) -> dict[str, Any]:
    names = [step for step in test.path.steps if isinstance(step, str)]
    other = isinstance(test.operand, AttributePath)
    answer: dict[str, Any] = {
        "sentence": narrator.test(node),
        "attr": test.path.text,
        "operator": test.operator,
        "operand": {"attr": test.operand.text} if other else shown(test.operand, names),
        "value": _value(node.value),
    }
    return answer | ({"other_value": _value(node.other)} if other else {})


def _value(seen: Seen | None) -> Any:
    return None if seen is None else shown(seen.value, seen.names)


def _outcome(outcome: Outcome | None) -> dict[str, Any]:
    if isinstance(outcome, Unknown):
        return {"outcome": "unknown", "why": outcome.value}
    told = "not_reached" if outcome is None else "true" if outcome else "false"
    return {"outcome": told, "why": None}
