"""How a process without a web door is watched: its numbers are scraped at a port, its life shows in a file.

For the worker, beat, the relay and the dispatcher of webhooks where each has a machine of its own. Where they share one
with the web (`make serve`), its `/metrics` tells their numbers too and neither setting is set.
"""

from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from config.http.problems import ProblemError
from config.telemetry.views import process_metrics

log = structlog.get_logger(__name__)

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
LONGEST_QUESTION = 5  # seconds that a scraper may take to send its request


def begin() -> None:
    """Answer `GET /metrics` at METRICS_PORT, from a thread that ends with the process. Without one nothing happens.

    Called once, where the process begins. Raises OSError when the port is taken.
    """
    port = settings.ENVIRONMENT.metrics_port
    if port is not None:
        serve(port)


def serve(port: int) -> WSGIServer:
    """The server on `port` of every address, at work; 0 takes a free port."""
    server = _Server(("", port), _Quiet)
    server.set_app(answer)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    log.info("metrics_served", port=server.server_port)
    return server


def beat() -> None:
    """Say that this process is alive, by touching HEARTBEAT_FILE if there is one."""
    path = settings.ENVIRONMENT.heartbeat_file
    if path is not None:
        path.touch()


def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """WSGI: `/metrics` as the web has it, without the facts of the database, and nothing else."""
    response = _respond(WSGIRequest(environ))
    start_response(f"{response.status_code} {response.reason_phrase}", [*response.headers.items()])
    return [response.content]


def _respond(request: HttpRequest) -> HttpResponse:
    if request.path_info != "/metrics":
        return HttpResponseNotFound()
    try:
        return process_metrics(request)
    except ProblemError as error:
        return HttpResponse(status=error.status, headers=error.headers)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = LONGEST_QUESTION

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        """Scrapes are not told of, as in the web's access log."""
