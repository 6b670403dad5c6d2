"""The policies in force, compiled: once in a process for each stamp."""

import threading
from dataclasses import dataclass

import structlog
from django.db import connection

from authz.engine import document as language
from authz.engine.errors import PolicyError
from authz.engine.policyset import PolicySet
from authz.errors import PolicySetBrokenError
from authz.metrics import POLICY_SET_LOADS
from authz.models import Policy

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
    try:
        return PolicySet.build(language.parse(source) for source in Policy.objects.documents())
    except PolicyError as error:
        logger.exception("policy_set_broken")
        raise PolicySetBrokenError from error
