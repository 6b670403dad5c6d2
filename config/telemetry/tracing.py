"""Traces by OpenTelemetry, told to a collector over OTLP (ADR 0227).

Off unless `TRACES_ENDPOINT` is set: nothing of the library is imported then, and no middleware runs. The trace goes on
where a caller's `traceparent` says (W3C Trace Context), through tasks and into events. A span names routes, tasks and
kinds of statements; never addresses, parameters, or what an exception says.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.db import connection

from config.http import context

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Span, SpanContext

Kind = Literal["server", "consumer", "client"]


def is_on() -> bool:
    return settings.ENVIRONMENT.traces_endpoint is not None


@contextmanager
def span(name: str, *, kind: Kind) -> Iterator["Span"]:
    """A span of the trace in force, or the first of a new one; what is sent or logged inside belongs to it.

    An exception marks it as failed, and goes on its way.
    """
    from opentelemetry.trace import SpanKind, Status, StatusCode, use_span  # noqa: PLC0415 - only when on

    tracer = _provider().get_tracer("gatehouse")
    begun = tracer.start_span(name, context=_parent(), kind=SpanKind[kind.upper()])
    context.amend(traceparent=_written(begun.get_span_context()))
    with use_span(begun, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield begun
        except BaseException:
            begun.set_status(Status(StatusCode.ERROR))
            raise


def statements(parent: "Span") -> AbstractContextManager[None]:
    """Give each statement to the database a span, by its first word alone, while `parent` is one that is told."""
    if not parent.is_recording():
        return nullcontext()
    manager: AbstractContextManager[None] = connection.execute_wrapper(_statement)
    return manager


def _statement(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, around: dict[str, Any]
) -> Any:
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - as above

    word = str(sql).split(None, 1)[0].upper()
    told = {"db.system.name": "postgresql", "db.operation.name": word}
    tracer = _provider().get_tracer("gatehouse")
    with tracer.start_as_current_span(
        word,
        kind=SpanKind.CLIENT,
        attributes=told,
        record_exception=False,
        set_status_on_exception=False,
    ):
        return execute(sql, params, many, around)


@cache
def _provider() -> "TracerProvider":
    """Made in each process when it has its first span. A caller's word that a trace is sampled binds nobody: else
    strangers would fill the collector."""
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415

    ours = TraceIdRatioBased(settings.ENVIRONMENT.traces_sample_ratio)
    provider = TracerProvider(
        sampler=ParentBased(ours, remote_parent_sampled=ours),
        resource=Resource.create({"service.name": "gatehouse"}),
    )
    provider.add_span_processor(_processor())
    return provider


def _processor() -> "SpanProcessor":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - as above
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    return BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.ENVIRONMENT.traces_endpoint))


def _parent() -> Any:
    """What the trace in force says; without one it is a new trace."""
    from opentelemetry.context import Context  # noqa: PLC0415 - as above
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    carrier = {"traceparent": context.current().traceparent}
    return TraceContextTextMapPropagator().extract(carrier, context=Context())


def _written(place: "SpanContext") -> str:
    """W3C Trace Context section 3.2."""
    return f"00-{place.trace_id:032x}-{place.span_id:016x}-{place.trace_flags:02x}"
