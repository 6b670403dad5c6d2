"""The engines that are compared in process, each set up as its own documentation recommends.

Ours: compiled once, entities as a process remembers them. pycasbin: `FastEnforcer`, policies filed by their first key,
rules by `eval()`. Cedar: a parsed `PolicySet` and parsed `Entities`. regopy: a compiled bundle, policies by `data`.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import casbin
import cedarpy
import regopy
from casbin.model import FastModel

from authz.engine.decide import candidates_for, decide
from authz.engine.document import parse
from authz.engine.frame import Entity
from authz.engine.outcomes import Unknown
from authz.engine.policyset import CompiledPolicy, PolicySet
from benchmarks.workload import CLOSES, FORBIDDEN, OPENS, Asked, Workload, documents

Engine = Callable[[Asked], bool]


class Silence:
    """Hears nothing."""

    def unknown(self, policy: CompiledPolicy, why: Unknown) -> None:
        """Nobody counts here."""


def ours(workload: Workload) -> Engine:
    """The compiled closures, without the freshness check that a service adds."""
    policies = PolicySet.build(
        parse(document) for kind in workload.kinds for document in documents(kind)
    )
    people = {
        person.id: Entity.known(
            f"user:{person.id}",
            {"memberships": {view: {"permissions": ["view"]} for view in person.views}},
        )
        for person in workload.people
    }
    things = {
        thing.id: Entity.known(
            f"{thing.kind}:{thing.id}", {"owner": thing.owner, "public": thing.public}
        )
        for thing in workload.things
    }
    silence = Silence()
    now = datetime.now(UTC)

    def ask(asked: Asked) -> bool:
        subject, resource = people[asked.person.id], things[asked.thing.id]
        return decide(
            candidates_for(policies, subject=subject, action=asked.action, resource=resource),
            subject=subject,
            action=asked.action,
            resource=resource,
            context={"ip": asked.ip, "hour": asked.hour},
            now=now,
            recorder=silence,
        ).allowed

    return ask


CASBIN_KEYS = [0, 1]  # kind and action: what FastEnforcer files policies by, and it wants two
CASBIN_MODEL = """
[request_definition]
r = kind, act, sub, obj, ip, hour

[policy_definition]
p = kind, act, rule, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.kind == p.kind && r.act == p.act && eval(p.rule)
"""


def pycasbin(workload: Workload) -> Engine:
    model = FastModel(CASBIN_KEYS)
    model.load_model_from_text(CASBIN_MODEL)
    for kind in workload.kinds:
        for rule in _casbin_rules(kind):
            model.add_policy("p", "p", rule)
    enforcer = casbin.FastEnforcer(model, cache_key_order=CASBIN_KEYS)

    def ask(asked: Asked) -> bool:
        thing = asked.thing
        allowed: bool = enforcer.enforce(
            thing.kind, asked.action, asked.person, thing, asked.ip, asked.hour
        )
        return allowed

    return ask


def _casbin_rules(kind: str) -> Iterator[list[str]]:
    daytime = f"r.obj.public and r.hour >= {OPENS} and r.hour < {CLOSES}"
    for action in ("use", "view"):
        yield [kind, action, "r.sub.id == r.obj.owner", "allow"]
        yield [kind, action, f'ipMatch(r.ip, "{FORBIDDEN}")', "deny"]
    yield [kind, "view", "r.obj.id in r.sub.views", "allow"]
    yield [kind, "view", daytime, "allow"]


def cedar(workload: Workload) -> Engine:
    policies = cedarpy.PolicySet.from_str("\n".join(map(_cedar_policies, workload.kinds)))
    viewers: dict[str, list[dict[str, Any]]] = {}
    for person in workload.people:
        for view in person.views:
            viewers.setdefault(view, []).append({"__entity": {"type": "User", "id": person.id}})
    entities: list[dict[str, Any]] = [
        {"uid": {"type": "User", "id": person.id}, "attrs": {}, "parents": []}
        for person in workload.people
    ]
    entities += [
        {
            "uid": {"type": thing.kind, "id": thing.id},
            "attrs": {
                "owner": {"__entity": {"type": "User", "id": thing.owner}},
                "public": thing.public,
                "viewers": viewers.get(thing.id, []),
            },
            "parents": [],
        }
        for thing in workload.things
    ]
    known = cedarpy.Entities.from_json_str(json.dumps(entities))

    def ask(asked: Asked) -> bool:
        request = {
            "principal": {"type": "User", "id": asked.person.id},
            "action": {"type": "Action", "id": asked.action},
            "resource": {"type": asked.thing.kind, "id": asked.thing.id},
            "context": {"ip": {"__extn": {"fn": "ip", "arg": asked.ip}}, "hour": asked.hour},
        }
        return cedarpy.is_authorized(request, policies, known).allowed

    return ask


def _cedar_policies(kind: str) -> str:
    either = '[Action::"use", Action::"view"]'
    return f"""
permit (principal, action in {either}, resource is {kind}) when {{ resource.owner == principal }};
permit (principal, action == Action::"view", resource is {kind})
  when {{ resource.viewers.contains(principal) }};
permit (principal, action == Action::"view", resource is {kind})
  when {{ resource.public && context.hour >= {OPENS} && context.hour < {CLOSES} }};
forbid (principal, action in {either}, resource is {kind})
  when {{ context.ip.isInRange(ip("{FORBIDDEN}")) }};
"""


REGO_MODULE = """
package bench

default allow := false

allow if {
  permitted
  not forbidden
}

rules := data.policies[input.resource.kind]

permitted if {
  rules.owner
  input.resource.owner == input.subject.id
}

permitted if {
  rules.shared[input.action]
  input.resource.id in input.subject.views
}

permitted if {
  rules.public[input.action]
  input.resource.public
  input.hour >= rules.opens
  input.hour < rules.closes
}

forbidden if startswith(input.ip, rules.network)
"""


def rego(workload: Workload) -> Engine:
    builder = regopy.Interpreter()
    rules = {
        "owner": True,
        "shared": {"view": True},
        "public": {"view": True},
        "opens": OPENS,
        "closes": CLOSES,
        "network": FORBIDDEN.removesuffix("0/24"),  # rego-cpp has no net.cidr_contains
    }
    builder.add_data({"policies": dict.fromkeys(workload.kinds, rules)})
    builder.add_module("bench.rego", REGO_MODULE)
    bundle = builder.build(None, ["bench/allow"])
    runner = regopy.Interpreter()

    def ask(asked: Asked) -> bool:
        thing, person = asked.thing, asked.person
        runner.set_input(
            {
                "subject": {"id": person.id, "views": list(person.views)},
                "action": asked.action,
                "resource": {
                    "id": thing.id,
                    "kind": thing.kind,
                    "owner": thing.owner,
                    "public": thing.public,
                },
                "ip": asked.ip,
                "hour": asked.hour,
            }
        )
        output = runner.query_bundle_entrypoint(bundle, "bench/allow")
        return bool(output.results[0].expressions[0])

    return ask
