"""The policies in force, compiled: once in a process for each stamp."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import structlog
from django.db import connection

from authz.engine import document as language
from authz.engine.errors import PolicyError
from authz.engine.policyset import PolicySet
from authz.errors import PolicySetBrokenError
from authz.metrics import POLICY_SET_LOADS
from authz.models import Policy
from authz.models.policy import PolicyInForce

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    stamp: str
    policies: PolicySet


_held: _Held | None = None
_loading = threading.Lock()


def at(stamp: str) -> PolicySet:
    """The policies as they are now, `stamp` being what `freshness` says of them now.

    Threads that ask at once load once. A transaction may see policies that never come to be, so nothing that it
    loads is remembered. Raises PolicySetBrokenError when a policy does not compile: what it would deny must not
    slip through.
    """
    global _held  # noqa: PLW0603 - the one place that holds it
    held = _held
    if held is not None and held.stamp == stamp:
        return held.policies
    if connection.in_atomic_block:
        return _load("transaction")
    with _loading:
        held = _held
        if held is None or held.stamp != stamp:
            held = _Held(stamp, _load("start" if held is None else "changed"))
            _held = held
        return held.policies


def _load(reason: str) -> PolicySet:
    POLICY_SET_LOADS.labels(reason).inc()
    in_force = list(Policy.objects.in_force())
    try:
        return build(in_force)
    except PolicyError as error:
        logger.exception("policy_set_broken")
        raise PolicySetBrokenError from error


def build(in_force: Sequence[PolicyInForce]) -> PolicySet:
    """Compile them. Raises PolicyError when one does not."""
    lines = sorted(f"{policy.id}:{policy.number}" for policy in in_force)
    return PolicySet.build(
        (language.parse(policy.document) for policy in in_force),
        fingerprint=sha256("\n".join(lines).encode()).hexdigest()[:32],
        versions={policy.document["name"]: policy.number for policy in in_force},
    )
