"""A case: a question with all that is to be known about it, and the answer that the policies should give."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from authz.engine import limits, references, values
from authz.engine.decide import candidates_for, decide
from authz.engine.document import NAME, check_portable
from authz.engine.errors import Flaw, PolicyError, flawed
from authz.engine.frame import Entity
from authz.engine.outcomes import Unknown
from authz.engine.policyset import CompiledPolicy, PolicySet
from authz.engine.verdict import Verdict

# What `env.now` is when a case does not say: a Monday, noon in India.
NOON = datetime(2026, 1, 5, 6, 30, tzinfo=UTC)

MEMBERS = ("name", "given", "expect")
QUESTION = ("subject", "action", "resource")
OBJECTS = ("context", "subject_properties", "resource_properties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    subject: Entity
    action: str
    resource: Entity
    context: Mapping[str, Any]
    now: datetime
    expect: Literal["allow", "deny"]


class _Silent:
    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        """Nobody counts what a case meets."""


def parse(source: Any) -> Case:
    """Read `{name, given, expect}`. Raises PolicyError with every flaw and its place."""
    if not isinstance(source, dict):
        raise flawed("", "type", "A case is an object with name, given and expect.")
    flaws = _members(source, "", known=MEMBERS, required=MEMBERS)
    name, given, expect = (source.get(member) for member in MEMBERS)
    if "name" in source and not _is_name(name):
        flaws.append(Flaw("name", "syntax", "Lower-case words with hyphens between."))
    if "expect" in source and expect not in ("allow", "deny"):
        flaws.append(Flaw("expect", "unknown", "Either allow or deny."))
    flaws += _flaws_of_given(given) if "given" in source else []
    if flaws:
        raise PolicyError(flaws)
    assert isinstance(given, dict)  # noqa: S101 - else there were flaws
    return Case(
        name=str(name),
        subject=Entity.known(given["subject"], _listed_roles(given.get("subject_properties", {}))),
        action=given["action"],
        resource=Entity.known(given["resource"], given.get("resource_properties", {})),
        context=given.get("context", {}),
        now=values.moment(given.get("now")) or NOON,
        expect="allow" if expect == "allow" else "deny",
    )


def run(policies: PolicySet, case: Case) -> Verdict:
    """What the policies answer to the case's question."""
    return decide(
        candidates_for(policies, subject=case.subject, action=case.action, resource=case.resource),
        subject=case.subject,
        action=case.action,
        resource=case.resource,
        context=case.context,
        now=case.now,
        recorder=_Silent(),
    )


def holds(case: Case, verdict: Verdict) -> bool:
    """Whether the answer is the expected one."""
    return verdict.allowed is (case.expect == "allow")


def _is_name(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= limits.NAME_LENGTH
        and NAME.fullmatch(value) is not None
    )


def _members(
    source: Mapping[str, Any], prefix: str, *, known: tuple[str, ...], required: tuple[str, ...]
) -> list[Flaw]:
    flaws = [
        Flaw(f"{prefix}{name}", "unknown", f"The members are {', '.join(known)}.")
        for name in source
        if name not in known
    ]
    return flaws + [
        Flaw(f"{prefix}{name}", "required", "Every case has it.")
        for name in required
        if name not in source
    ]


def _flaws_of_given(given: Any) -> list[Flaw]:
    if not isinstance(given, dict):
        return [Flaw("given", "type", "An object with subject, action and resource.")]
    if flaw := _flaw_of_size(given):
        return [flaw]
    flaws = _members(given, "given.", known=(*QUESTION, *OBJECTS, "now"), required=QUESTION)
    for name, is_one in zip(
        QUESTION, (references.is_entity, references.is_action, references.is_entity), strict=True
    ):
        value = given.get(name)
        if name in given and not (isinstance(value, str) and is_one(value)):
            flaws.append(Flaw(f"given.{name}", "malformed", "Written as in a check."))
    flaws += [
        Flaw(f"given.{name}", "type", "Must be an object.")
        for name in OBJECTS
        if not isinstance(given.get(name, {}), dict)
    ]
    if "now" in given and values.moment(given["now"]) is None:
        flaws.append(Flaw("given.now", "syntax", "An RFC 3339 time with its offset."))
    return flaws + _flaws_of_roles(given.get("subject_properties"))


def _flaws_of_roles(properties: Any) -> list[Flaw]:
    roles = properties.get("roles", []) if isinstance(properties, dict) else []
    if isinstance(roles, list) and all(isinstance(role, str) for role in roles):
        return []
    return [Flaw("given.subject_properties.roles", "type", "A list of names of roles.")]


def _flaw_of_size(given: dict[str, Any]) -> Flaw | None:
    try:
        size = len(json.dumps(given, allow_nan=False))
        check_portable(given)
    except PolicyError as error:
        return Flaw("given", error.flaws[0].code, error.flaws[0].detail)
    except (TypeError, ValueError, RecursionError):
        return Flaw("given", "type", "Only what JSON can say.")
    if size > limits.CASE_BYTES:
        return Flaw("given", "length", f"At most {limits.CASE_BYTES} bytes.")
    return None


def _listed_roles(properties: dict[str, Any]) -> dict[str, Any]:
    """As people have them: a person without roles has an empty list of them."""
    return {"roles": [], **properties}
