"""Reads that may be a little old, from a replica where there is one: `read(work, AuthEvent)`.

Only what is said to be may be old: a read of one of the models that are named, inside of `work`, outside of any
transaction. Everything else goes to the primary, whatever it is called from.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Model

from config.replicas import pool, positions
from config.replicas.metrics import FAILED, READS, REDIS, REPLICA

Answer = TypeVar("Answer")
View = TypeVar("View")
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True, slots=True)
class Source:
    """The replica that is read from, and what of."""

    alias: str
    models: frozenset[type[Model]]


_source: ContextVar[Source | None] = ContextVar("source", default=None)


def source_of(model: type[Model]) -> str | None:
    """Where `model` is to be read from just now; None: from the primary."""
    source = _source.get()
    if source is None or model._meta.concrete_model not in source.models:
        return None
    return None if connection.in_atomic_block else source.alias


def read(work: Callable[[], Answer], *models: type[Model], position: int = 0) -> Answer:
    """What `work` returns, with the `models` read from a replica that has the caller's own changes and all up to
    `position`. `work` changes nothing, and reads all that it wants before it returns: where a replica fails, it is done
    again with the primary.
    """
    if not pool.aliases() or _source.get() is not None or connection.in_atomic_block:
        return work()
    alias, reason = _choice(position)
    if alias is not None:
        chosen = Source(alias, frozenset(model._meta.concrete_model or model for model in models))
        token = _source.set(chosen)
        try:
            answer = work()
        except (OperationalError, InterfaceError) as error:
            pool.replica(alias).rest(type(error).__name__)
            reason = FAILED
        else:
            READS.labels("replica", REPLICA).inc()
            return answer
        finally:
            _source.reset(token)
    READS.labels("primary", reason).inc()
    return work()


def may_be_old(
    *models: type[Model],
) -> Callable[
    [Callable[Concatenate[View, Arguments], Answer]],
    Callable[Concatenate[View, Arguments], Answer],
]:
    """For the method of a view that lists: `models` may be read as `read` says. Its caller is known by then."""

    def decorate(
        method: Callable[Concatenate[View, Arguments], Answer],
    ) -> Callable[Concatenate[View, Arguments], Answer]:
        @wraps(method)
        def reading(view: View, /, *arguments: Arguments.args, **named: Arguments.kwargs) -> Answer:
            return read(lambda: method(view, *arguments, **named), *models)

        return reading

    return decorate


def page(work: Callable[[], Any], *models: type[Model]) -> Any:
    """`read` for a page of the console, whose template may be what reads."""
    if not pool.aliases():
        return work()
    return read(lambda: _rendered(work()), *models)


def _rendered(response: Any) -> Any:
    return response.render() if hasattr(response, "render") else response


def _choice(position: int) -> tuple[str | None, str]:
    try:
        return pool.choose(max(position, positions.demanded_by(positions.reader())))
    except positions.UnknownPositionError:
        return None, REDIS
