"""The dearest documents that the limits at save accept, each made for one limit, and what a decision by them costs."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from authz.engine import limits
from authz.engine.decide import candidates_for, decide
from authz.engine.document import parse
from authz.engine.frame import Entity
from authz.engine.policyset import PolicySet
from benchmarks import engines
from benchmarks.engines import Silence
from benchmarks.measure import Comparison, seconds
from benchmarks.workload import make

TEXT = "".join(random.Random(1).choices("ab", k=limits.MATCHED_LENGTH))
ADDRESS = "198.51.100.7"
NODES = limits.CONDITION_NODES - 1  # below the one at the top


def comparisons() -> Iterator[Comparison]:
    """Each of them against an ordinary decision of the workload."""
    asked = engines.ours(workload := make(1_000))
    ordinary = seconds(lambda: [asked(one) for one in workload.questions], times=1)
    ordinary /= len(workload.questions)
    for name, build in DEAREST.items():
        yield Comparison(
            name=f"the dearest policy: {name}",
            ours=_decision(build()),
            floor=ordinary,
            floor_name="an ordinary decision",
            goal="-",
        )


def _decision(document: dict[str, Any]) -> float:
    assert len(json.dumps(document)) <= limits.DOCUMENT_BYTES
    policies = PolicySet.build([parse(document)])
    subject = Entity.known("user:1", {"roles": ["a"], "text": TEXT})
    resource = Entity.known(f"thing:{'a' * 180}", {"text": TEXT, "list": list(range(1_000))})
    silence, now = Silence(), datetime.now(UTC)

    def ask() -> None:
        decide(
            candidates_for(policies, subject=subject, action="a:b", resource=resource),
            subject=subject,
            action="a:b",
            resource=resource,
            context={"ip": ADDRESS},
            now=now,
            recorder=silence,
        )

    return seconds(ask, times=3)


def _document(condition: Any, **changes: Any) -> dict[str, Any]:
    return {
        "name": "dearest",
        "effect": "allow",
        "subjects": ["user:*"],
        "actions": ["a:b"],
        "resources": ["thing:*"],
        "condition": condition,
        **changes,
    }


def _most_parts() -> dict[str, Any]:
    """Every one of them is looked at: none is true."""
    test = {"attr": "resource.text", "eq": "b"}
    return _document({"any": [test] * NODES})


def _deepest() -> dict[str, Any]:
    """A chain as deep as may be, over and over."""
    node: dict[str, Any] = {"attr": "resource.text", "eq": "b"}
    for _ in range(limits.CONDITION_DEPTH - 2):
        node = {"all": [node]}
    return _document({"any": [node] * (NODES // (limits.CONDITION_DEPTH - 1))})


def _most_patterns() -> dict[str, Any]:
    """No index settles them, and each fails at its end."""
    stars = [f"thing:{'*a' * 60}*{number}" for number in range(limits.PATTERNS)]
    actions = [f"a{'*' * number}:b" for number in range(1, limits.PATTERNS + 1)]
    return _document({"attr": "context.ip", "exists": True}, resources=stars, actions=actions)


def _most_networks() -> dict[str, Any]:
    networks = [f"10.{number // 256}.{number % 256}.0/24" for number in range(900)]
    return _document({"any": [{"attr": "context.ip", "in_network": networks}] * 4})


def _longest_lists() -> dict[str, Any]:
    """Two lists of a thousand, compared again by every part."""
    test = {"attr": "resource.list", "contains_all": {"attr": "resource.list"}}
    return _document({"all": [test] * (NODES // limits.LISTS_NODES)})


def _regular_expressions() -> dict[str, Any]:
    """Their automata are too large to be kept, on a text that needs all of their states."""
    return _document(
        {
            "any": [{"attr": "resource.text", "matches": "[ab]*a[ab]{300}c"}]
            * (NODES // limits.REGEX_NODES)
        }
    )


DEAREST: dict[str, Callable[[], dict[str, Any]]] = {
    "most parts": _most_parts,
    "deepest": _deepest,
    "most patterns": _most_patterns,
    "most networks": _most_networks,
    "longest lists": _longest_lists,
    "regular expressions": _regular_expressions,
}
