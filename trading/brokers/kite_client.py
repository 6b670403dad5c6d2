"""Opens `kiteconnect` for one operation, with its traps closed, and hears what really comes over the wire.

The library loses the status and `Retry-After` of an answer that it cannot read, takes a success body under any
status, and keeps bodies, tokens and URLs in its exceptions. So it only asks, and `Wire` tells.
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from types import ModuleType
from typing import Any, NoReturn

import requests
from django.conf import settings

from config.http.retry_after import seconds_to_wait

CHUNK = 64 * 1024
LONGEST_WAIT = 24 * 3600.0  # a Retry-After beyond a day is taken for nonsense and cut


class UnreadableAnswerError(Exception):
    """The answer is not what the documentation shows. Holds nothing of it."""


class AnswerTooLargeError(UnreadableAnswerError):
    """More bytes than an answer may have."""


class AnswerTooSlowError(UnreadableAnswerError):
    """The body was still coming when its time was over."""


def kite_library() -> ModuleType:
    """Importing it brings Twisted along and installs a reactor, so only those who call Kite pay for it."""
    import kiteconnect  # noqa: PLC0415 - see above

    library: ModuleType = kiteconnect
    return library


class Wire:
    """What came over the wire in one operation. `status` is None until headers have arrived."""

    def __init__(self, *, max_bytes: int, max_seconds: float) -> None:
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._body = b""
        self.status: int | None = None
        self.retry_after: float | None = None

    def hear(self, response: requests.Response, **_: Any) -> None:
        """A response hook of `requests`: it runs before the library sees the answer."""
        self.status = response.status_code
        told = seconds_to_wait(response.headers.get("Retry-After"))
        self.retry_after = None if told is None else min(told, LONGEST_WAIT)
        try:
            self._body = self._read(response)
        finally:
            response.close()
        # The stream is consumed: hand the bytes on where `requests` keeps them. It has no public way to bound them.
        response._content = self._body
        response._content_consumed = True  # type: ignore[attr-defined]

    def data(self) -> Any:
        """`data` of a documented success body, with exact decimals. Raises UnreadableAnswerError or ValueError."""
        if self.status != 200:
            raise UnreadableAnswerError
        document = json.loads(self._body, parse_float=Decimal, parse_constant=_refuse_constant)
        if not isinstance(document, dict) or document.get("status") != "success":
            raise UnreadableAnswerError
        return document.get("data")

    def _read(self, response: requests.Response) -> bytes:
        deadline = time.monotonic() + self._max_seconds
        body = bytearray()
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._max_bytes:
                raise AnswerTooLargeError
            if time.monotonic() > deadline:
                raise AnswerTooSlowError
        return bytes(body)


def _refuse_constant(_name: str) -> NoReturn:
    raise UnreadableAnswerError


@contextmanager
def open_client(api_key: str, access_token: str | None = None) -> Iterator[tuple[Any, Wire]]:
    """A `KiteConnect` for one operation of one person, never shared, and the wire that it speaks over."""
    environment = settings.ENVIRONMENT
    wire = Wire(
        max_bytes=environment.broker_max_answer_bytes, max_seconds=environment.broker_read_timeout
    )
    client = kite_library().KiteConnect(
        api_key=api_key,
        access_token=access_token,
        root=environment.kite_api_url,
        timeout=(environment.broker_connect_timeout, environment.broker_read_timeout),
    )
    with client.reqsession as session, hushed_transport():
        session.trust_env = False  # ~/.netrc would replace our Authorization header
        session.max_redirects = 0
        if environment.broker_ca_file:
            session.verify = str(environment.broker_ca_file)
        session.hooks["response"] = [wire.hear]
        yield client, wire


_hushed: ContextVar[bool] = ContextVar("hushed_transport", default=False)

# All of urllib3's loggers: they write URLs, and Kite's logout has the access token in its query string.
TRANSPORT_LOGGERS = (
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.contrib.pyopenssl",  # there where something else has loaded it
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)


class _Hush(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not _hushed.get()


_HUSH = _Hush()


@contextmanager
def hushed_transport() -> Iterator[None]:
    """Within, the HTTP library of this thread logs nothing at any level; other threads' calls still do."""
    for name in TRANSPORT_LOGGERS:
        logging.getLogger(name).addFilter(_HUSH)
    token = _hushed.set(True)
    try:
        yield
    finally:
        _hushed.reset(token)
