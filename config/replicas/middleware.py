"""After a request that may have changed something, how far the primary is by now."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.replicas import positions

SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


class PositionMiddleware:
    """In force where DATABASE_REPLICA_URLS is set. Changes that send an event say whom they concern; others are known
    by the method. Behind the short way: what goes it changes nothing that people read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = positions.begin()
        try:
            return self.get_response(request)
        finally:
            positions.end(token, also="" if request.method in SAFE else positions.reader())
