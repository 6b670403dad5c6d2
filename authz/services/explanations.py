"""Why a question is decided as it is: the answer of the engine, policy by policy, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from authz.engine.explain import Explanation, Standing, TracedPolicy
from authz.engine.explain import explain as explained_by_engine
from authz.engine.frame import Entity
from authz.engine.policyset import CompiledPolicy, PolicySet
from authz.engine.references import split
from authz.engine.verdict import Reason, Verdict
from authz.engine.wording import Narrator, noun
from authz.models import DecisionRecord, RoleGrant
from authz.models.role import GrantEnd
from authz.services.decisions import Question, flaws_of, gather
from authz.services.entities import entity_with
from config.http.problems import InvalidRequestError

MOST_REASONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedPolicy:
    """A policy that could have matched, and a sentence about what came of it."""

    traced: TracedPolicy
    version: int | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LackedRole:
    """A policy that is for other roles than the subject's."""

    policy: CompiledPolicy
    roles: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """`summary` says it all in one sentence or two. What it says is in the language that was active."""

    explanation: Explanation
    narrator: Narrator
    fingerprint: str
    summary: str
    policies: tuple[ExplainedPolicy, ...]
    lacked: tuple[LackedRole, ...]
    evaluated_at: datetime


def explain(
    *,
    subject: str,
    action: str,
    resource: str,
    context: Mapping[str, Any] | None = None,
    policies: PolicySet | None = None,
    at: datetime | None = None,
) -> Explained:
    """Decide a question as `decisions.check` does, and tell why. Counts as no decision and leaves no record.

    `policies` stand in for those in force, to see what a draft would do; `at` is what `env.now` is then. What is known
    of the two is of now in any case.
    Raises InvalidRequestError naming the part that is malformed, PolicySetBrokenError.
    """
    question = Question(subject=subject, action=action, resource=resource, context=context or {})
    if flaws := flaws_of(question):
        raise InvalidRequestError(errors=flaws)
    known = gather(question.entities)
    return _explained(
        policies or known.policies,
        subject=known.entities[subject].entity,
        action=action,
        resource=known.entities[resource].entity,
        context=question.context,
        now=at or known.now,
    )


def explain_record(record: DecisionRecord) -> Explained:
    """Decide a recorded question again by the policies in force, from what was known then, and tell why.

    What was too large or too secret to be recorded is missing. Raises PolicySetBrokenError.
    """
    return _explained(
        gather(()).policies,
        subject=entity_with(record.subject, record.subject_attributes),
        action=record.action,
        resource=entity_with(record.resource, record.resource_attributes),
        context=record.context,
        now=record.decided_at,
    )


def _explained(
    in_force: PolicySet,
    *,
    subject: Entity,
    action: str,
    resource: Entity,
    context: Mapping[str, Any],
    now: datetime,
) -> Explained:
    explanation = explained_by_engine(
        in_force, subject=subject, action=action, resource=resource, context=context, now=now
    )
    narrator = Narrator(subject_type=subject.type, resource_type=resource.type)
    explained = tuple(
        ExplainedPolicy(
            traced=traced,
            version=in_force.versions.get(traced.policy.name),
            sentence=_sentence(traced, narrator),
        )
        for traced in explanation.policies
    )
    lacked = _lacked(explanation, subject.reference)
    return Explained(
        explanation=explanation,
        narrator=narrator,
        fingerprint=in_force.fingerprint,
        summary=_summary(explanation, narrator, explained, lacked),
        policies=explained,
        lacked=lacked,
        evaluated_at=now,
    )


def _summary(
    explanation: Explanation,
    narrator: Narrator,
    policies: Sequence[ExplainedPolicy],
    lacked: Sequence[LackedRole],
) -> str:
    verdict = explanation.verdict
    if verdict.policy:
        (decisive,) = [one for one in policies if one.traced.standing is Standing.DECIDED]
        why = " ".join(narrator.causes(decisive.traced.condition))
        return f"{_(_by(verdict)) % {'policy': verdict.policy}} {why}".strip()
    reasons = [one.sentence for one in policies if not one.traced.policy.denies]
    reasons += [one.sentence for one in lacked if not one.policy.denies]
    if not reasons:
        return _(
            "Denied, for no policy allows this action with this resource to anybody like that."
        )
    return " ".join([_("Denied, for no policy allows it."), *reasons[:MOST_REASONS]])


def _by(verdict: Verdict) -> str:
    if verdict.reason is Reason.UNKNOWN:
        return gettext_noop("Denied by %(policy)s, which cannot be ruled out.")
    if verdict.allowed:
        return gettext_noop("Allowed by %(policy)s.")
    return gettext_noop("Denied by %(policy)s.")


def _sentence(traced: TracedPolicy, narrator: Narrator) -> str:
    policy = traced.policy
    why = " ".join(narrator.causes(traced.condition))
    match traced.standing:
        case Standing.DECIDED if traced.verdict.reason is Reason.UNKNOWN:
            said = _("%(policy)s denies, for it cannot be ruled out.")
        case Standing.DECIDED if policy.denies:
            said = _("%(policy)s matches, and decides: deny.")
        case Standing.DECIDED:
            said = _("%(policy)s matches, and decides: allow.")
        case Standing.WOULD_HAVE_MATCHED if policy.denies:
            said = _("%(policy)s would deny it too late: another decided before.")
        case Standing.WOULD_HAVE_MATCHED:
            said = _("%(policy)s would allow it too late: another decided before.")
        case _other:
            said = _("%(policy)s does not match.")
    return f"{said % {'policy': policy.name}} {why}".strip()


def _lacked(explanation: Explanation, subject: str) -> tuple[LackedRole, ...]:
    kind, identifier = split(subject)
    wanted = {role for _, roles in explanation.lacking for role in roles}
    ended = _last_grants(identifier, wanted) if kind == "user" and wanted else {}
    return tuple(
        LackedRole(
            policy=policy,
            roles=roles,
            sentence=" ".join(
                [
                    _for(policy, roles),
                    *(_holding(noun(kind), role, ended.get(role)) for role in roles),
                ]
            ),
        )
        for policy, roles in explanation.lacking
    )


def _for(policy: CompiledPolicy, roles: Sequence[str]) -> str:
    named = [_("the role %(role)s") % {"role": role} for role in roles]
    any_of_them = reduce(
        lambda first, second: _("%(first)s or %(second)s") % {"first": first, "second": second},
        named,
    )
    return _("%(policy)s is for %(roles)s.") % {"policy": policy.name, "roles": any_of_them}


def _holding(who: str, role: str, last: RoleGrant | None) -> str:
    if last is None:
        said, at = _("The %(who)s does not hold the role %(role)s."), None
    elif last.end == GrantEnd.REVOKED:
        said, at = _("The %(who)s's role %(role)s was revoked on %(moment)s."), last.ended_at
    else:
        said, at = _("The %(who)s's role %(role)s ran out on %(moment)s."), last.expires_at
    return said % {"who": who, "role": role, "moment": _moment(at)}


def _last_grants(user_id: str, roles: set[str]) -> dict[str, RoleGrant]:
    """The latest grant of each role that the person does not hold any more."""
    people: Any = get_user_model()
    key = people.parse_id(user_id)
    if key is None:
        return {}
    grants = RoleGrant.objects.of(key).filter(role__name__in=roles).select_related("role")
    return {grant.role.name: grant for grant in grants.order_by("granted_at", "id")}


def _moment(at: datetime | None) -> str:
    if at is None:
        return _("an unknown day")
    return _("%(day)s at %(time)s UTC") % {
        "day": date_format(at, "j F Y"),
        "time": date_format(at, "H:i"),
    }
