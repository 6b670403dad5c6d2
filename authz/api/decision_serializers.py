"""Questions and answers as the OpenAPI document describes them; `question_reader` and `answers` are what runs."""

from typing import Any

from rest_framework import serializers

from authz.api.fields import ObjectField, TextField
from authz.engine.references import LONGEST
from authz.engine.verdict import Reason
from authz.services.decisions import Decision
from config.http.serializers import StrictSerializer


class QuestionSerializer(StrictSerializer):
    subject = TextField(max_length=LONGEST, help_text="`user:usr_…` or `service:<client id>`.")
    action = TextField(max_length=LONGEST, help_text="Such as `trade:place_order`.")
    resource = TextField(max_length=LONGEST, help_text="Such as `trading_account:acc_…`.")
    context = ObjectField(  # type: ignore[assignment]
        required=False,
        help_text="The circumstances, as policies ask for them: `context.<name>`. What we know of the caller "
        "ourselves (`acr`, `amr`, `auth_time`, `ip`) is not taken from here, but from a client with `authz:assert`.",
    )


class BatchSerializer(StrictSerializer):
    checks = QuestionSerializer(many=True, allow_empty=False, help_text="Answered in their order.")


class DecisionSerializer(serializers.Serializer[Decision]):
    decision = serializers.ChoiceField(choices=["allow", "deny"])
    reason = serializers.ChoiceField(
        choices=[reason.value for reason in Reason],
        help_text="`policy`: the policy named matched. `unknown`: the deny policy named could not be ruled out. "
        "`no_policy`: none matched.",
    )
    policy = serializers.CharField(
        allow_null=True, help_text="The name of the policy that decided."
    )
    ttl = serializers.IntegerField(help_text="Seconds for which the answer may be acted on.")
    evaluated_at = serializers.DateTimeField()
    obligations = serializers.DictField(
        required=False, help_text="What whoever asks must see to when the answer is yes."
    )


class BatchAnswerSerializer(serializers.Serializer[Any]):
    results = DecisionSerializer(many=True)
