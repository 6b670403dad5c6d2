"""Running the cases of all policies over all policies, as they are or as they would be."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from authz.engine import case as language
from authz.engine.case import Case
from authz.engine.errors import PolicyError
from authz.engine.policyset import PolicySet
from authz.engine.verdict import Verdict
from authz.errors import PolicyCasesBrokenError, PolicySetBrokenError, TooManyPoliciesError
from authz.models import Policy, PolicyCase
from authz.models.policy import PolicyInForce
from authz.services import policy_sets
from config.http.problems import FieldError
from config.locking import alone


@dataclass(frozen=True, slots=True)
class CaseRun:
    """A case of a policy, and the answer that it got."""

    policy: str
    case: Case
    verdict: Verdict

    @property
    def name(self) -> str:
        return f"{self.policy}/{self.case.name}"

    @property
    def holds(self) -> bool:
        return language.holds(self.case, self.verdict)

    @property
    def sentence(self) -> str:
        """What was expected, and what the answer is."""
        words = {
            "expected": self.case.expect,
            "answer": "allow" if self.verdict.allowed else "deny",
            "policy": self.verdict.policy,
        }
        if self.verdict.policy:
            return _("Expects %(expected)s; the answer is %(answer)s by %(policy)s.") % words
        return _("Expects %(expected)s; the answer is %(answer)s, for no policy matches.") % words


@dataclass(slots=True)
class Watched:
    """`broken` are the cases that a change broke, known at its end."""

    broken: tuple[str, ...] = ()


def run_all() -> list[CaseRun]:
    """Every case against the policies in force. Raises PolicySetBrokenError."""
    return _run(_stored(), _compiled())


def run(case: Case, *, policy: str) -> CaseRun:
    """One case of `policy`, stored or not, against the policies in force. Raises PolicySetBrokenError."""
    return CaseRun(policy, case, language.run(_compiled(), case))


def run_of(policy: Policy) -> list[CaseRun]:
    """The cases of one policy against the policies in force. Raises PolicySetBrokenError."""
    cases = [(policy.name, parsed(row)) for row in policy.cases.order_by("name")]
    return _run(cases, _compiled()) if cases else []


def broken_between(now: PolicySet, then: PolicySet) -> list[CaseRun]:
    """The stored cases that hold with the policies of `now` and not with those of `then`, as these answer them."""
    cases = _stored()
    held = {one.name for one in _run(cases, now) if one.holds}
    return [one for one in _run(cases, then) if one.name in held and not one.holds]


@contextmanager
def watched(*, break_cases: bool) -> Iterator[Watched]:
    """Around a change of policies, within its transaction: what held before must hold after it.

    One such change at a time, so that two that are harmless alone cannot break something together. Raises
    PolicyCasesBrokenError at its end unless `break_cases`, TooManyPoliciesError.
    """
    one_at_a_time()
    before = list(Policy.objects.in_force())
    watch = Watched()
    yield watch
    if Policy.objects.live().count() > max(len(before), settings.ENVIRONMENT.policy_limit):
        raise TooManyPoliciesError
    broken = _broken_since(before)
    if broken and not break_cases:
        raise PolicyCasesBrokenError(
            errors=[
                FieldError(f"cases.{one.policy}.{one.case.name}", "broken", one.sentence)
                for one in broken
            ]
        )
    watch.broken = tuple(one.name for one in broken)


def _broken_since(before: Sequence[PolicyInForce]) -> list[CaseRun]:
    """The cases that held with the policies of `before` and hold no more. What failed already is nobody's doing, and
    nothing holds where a policy does not compile."""
    if not PolicyCase.objects.in_force().exists():
        return []
    try:
        return broken_between(policy_sets.build(before), _compiled())
    except (PolicySetBrokenError, PolicyError):
        return []


def one_at_a_time() -> None:
    """Hold back everybody else who changes policies or cases until the transaction at hand is over."""
    alone("authz.policies")


def _stored() -> list[tuple[str, Case]]:
    return [(row.policy.name, parsed(row)) for row in PolicyCase.objects.in_force()]


def parsed(row: PolicyCase) -> Case:
    """The case that a row holds."""
    return language.parse({"name": row.name, "given": row.given, "expect": row.expect})


def _run(cases: Sequence[tuple[str, Case]], policies: PolicySet) -> list[CaseRun]:
    return [CaseRun(policy, case, language.run(policies, case)) for policy, case in cases]


def _compiled() -> PolicySet:
    try:
        return policy_sets.build(list(Policy.objects.in_force()))
    except PolicyError as error:
        raise PolicySetBrokenError from error
