"""Traces: off at no cost; on, each request, statement and task is a span that names nobody."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import Client, RequestFactory
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from config.http import context
from config.http.context import RequestContext, acting
from config.jobs import task_context
from config.telemetry import tracing
from config.telemetry.middleware import TracingMiddleware

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{CALLER}-01"

Collected = Callable[[], dict[str, ReadableSpan]]


@pytest.fixture
def collected(environment: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Collected]:
    """Traces are on, all of them; the spans that ended, by name."""
    environment(traces_endpoint="http://collector.invalid/v1/traces", traces_sample_ratio=1.0)
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(tracing, "_processor", lambda: SimpleSpanProcessor(exporter))
    tracing._provider.cache_clear()
    yield lambda: {span.name: span for span in exporter.get_finished_spans()}
    tracing._provider.cache_clear()


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def test_off_there_is_no_middleware_and_the_library_is_not_even_imported() -> None:
    with pytest.raises(MiddlewareNotUsed):
        TracingMiddleware(lambda request: HttpResponse())
    looked = "import sys, config.telemetry.tracing; print('opentelemetry' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", looked],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"


@pytest.mark.django_db
def test_a_request_is_a_span_of_its_callers_trace_and_names_the_route_alone(
    collected: Collected, client: Client
) -> None:
    client.get("/v1/jobs/job_secret?who=asha@example.com", headers={"traceparent": SAMPLED})
    span = collected()["GET /v1/jobs/<str:job_id>"]
    assert trace_of(span) == TRACE
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == CALLER
    assert span.kind is SpanKind.SERVER
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/v1/jobs/<str:job_id>",
        "http.response.status_code": 401,
    }


@pytest.mark.django_db
def test_a_statement_is_a_span_below_it_without_a_word_of_its_values(
    collected: Collected, client: Client
) -> None:
    client.post(
        "/v1/auth/login",
        {"email": "nobody@example.com", "password": "whatever it may be"},
        content_type="application/json",
    )
    spans = collected()
    below = spans["SELECT"]
    assert attributes(below) == {"db.system.name": "postgresql", "db.operation.name": "SELECT"}
    assert trace_of(below) == trace_of(spans["POST /v1/auth/login"])


@pytest.mark.django_db
def test_what_happens_inside_a_request_carries_its_span(collected: Collected) -> None:
    seen: list[str] = []

    def view(request: Any) -> HttpResponse:
        seen.append(context.current().traceparent)
        return HttpResponse()

    with acting(RequestContext(traceparent=SAMPLED)):
        TracingMiddleware(view)(RequestFactory().get("/"))
    [span] = collected().values()
    assert span.context is not None
    assert seen == [f"00-{TRACE}-{span.context.span_id:016x}-01"]


@pytest.mark.django_db
def test_a_stranger_cannot_have_traces_told(
    collected: Collected, client: Client, environment: Any
) -> None:
    environment(traces_sample_ratio=0.0)
    client.get("/v1/jobs/job_1", headers={"traceparent": SAMPLED})
    assert collected() == {}


@pytest.mark.django_db
def test_what_an_exception_says_is_in_no_span(collected: Collected) -> None:
    def fail(request: Any) -> HttpResponse:
        raise RuntimeError("a word that is nobody's business")

    with pytest.raises(RuntimeError):
        TracingMiddleware(fail)(RequestFactory().get("/"))
    [span] = collected().values()
    assert span.status.status_code is StatusCode.ERROR
    assert (span.status.description, span.events) == (None, ())


def test_a_task_goes_on_with_the_trace_of_whoever_sent_it(collected: Collected) -> None:
    class Sent:
        name = "jobs.tests.traced"

        class request:  # noqa: N801 - as Celery has it
            headers = {task_context.HEADER: asdict(RequestContext(traceparent=SAMPLED))}

    task_context.enter_context(task_id="one", task=Sent)  # type: ignore[arg-type]
    inside = context.current().traceparent
    task_context.leave_context(task_id="one", state="SUCCESS")
    span = collected()["jobs.tests.traced"]
    assert trace_of(span) == TRACE == inside[3:35]
    assert span.kind is SpanKind.CONSUMER
