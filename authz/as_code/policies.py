"""Policies with their cases as files: `{policy, cases}`."""

from collections.abc import Iterator, Mapping
from typing import Any

from authz.engine import case as case_language
from authz.engine import document as language
from authz.engine.errors import Flaw, PolicyError
from authz.models import Policy, PolicyCase
from authz.services import case_runs, policies, policy_cases
from authz.services.authorship import SYSTEM
from authz.services.case_runs import Watched

MEMBERS = ("policy", "cases")


class PolicyPart:
    folder = "policies"
    always = True

    def __init__(self) -> None:
        self._cases: dict[str, tuple[str, str]] = {}

    def stored(self) -> Mapping[str, Any]:
        values: dict[str, Any] = {
            document["name"]: {"policy": document, "cases": []}
            for document in Policy.objects.documents()
        }
        for case in PolicyCase.objects.in_force():
            values[case.policy.name]["cases"].append(_value(case))
        return values

    def name_of(self, value: Any) -> str:
        if not isinstance(value, dict) or set(value) - set(MEMBERS) or "policy" not in value:
            raise PolicyError([Flaw("", "type", "An object with policy and cases.")])
        cases = value.setdefault("cases", [])
        if not isinstance(cases, list):
            raise PolicyError([Flaw("cases", "type", "Must be a list.")])
        flaws = [*_flaws(language.parse, value["policy"], "policy")]
        for index, case in enumerate(cases):
            flaws += _flaws(case_language.parse, case, f"cases.{index}")
        if flaws:
            raise PolicyError(flaws)
        names = [case["name"] for case in cases]
        if doubles := {name for name in names if names.count(name) > 1}:
            raise PolicyError(
                [Flaw("cases", "repeated", f"Named twice: {', '.join(sorted(doubles))}.")]
            )
        value["cases"] = sorted(cases, key=lambda case: case["name"])
        return str(value["policy"]["name"])

    def write(self, value: Any, *, reason: str, within: Watched) -> None:
        document = value["policy"]
        by: dict[str, Any] = {"by": SYSTEM, "reason": reason}
        policy = Policy.objects.live().with_current().filter(name=document["name"]).first()
        if policy is None:
            policy = policies.create(document=document, within=within, **by)
        elif policy.current.document != document:
            policies.update(policy_id=policy.pk, document=document, within=within, **by)
        wanted = {case["name"]: case for case in value["cases"]}
        for row in policy.cases.all():
            if wanted.get(row.name) == _value(row):
                del wanted[row.name]
            else:
                policy_cases.remove(policy_id=policy.pk, name=row.name, **by)
        for index, case in enumerate(value["cases"]):
            if case["name"] in wanted:
                policy_cases.add(policy_id=policy.pk, case=case, must_hold=False, **by)
                self._cases[f"{policy.name}/{case['name']}"] = (policy.name, f"cases.{index}")

    def remove(self, name: str, *, reason: str, within: Watched) -> None:
        policy = Policy.objects.live().get(name=name)
        policies.delete(policy_id=policy.pk, by=SYSTEM, reason=reason, within=within)

    def after(self) -> Iterator[tuple[str, Flaw]]:
        """A case that came along must hold. Those that were there are the watch's affair."""
        for run in case_runs.run_all() if self._cases else ():
            if not run.holds and run.name in self._cases:
                policy, path = self._cases[run.name]
                yield policy, Flaw(path, "does_not_hold", run.sentence)


def _value(case: PolicyCase) -> dict[str, Any]:
    return {"name": case.name, "given": case.given, "expect": case.expect}


def _flaws(parse: Any, value: Any, prefix: str) -> Iterator[Flaw]:
    try:
        parse(value)
    except PolicyError as error:
        for flaw in error.flaws:
            yield Flaw(f"{prefix}.{flaw.path}".rstrip("."), flaw.code, flaw.detail)
