"""The one way out to addresses that somebody else chose: the JWKS URLs of clients, webhooks.

The host is resolved first, every address that it has must be public, and the connection goes to the address that was
looked at: no second look-up can lead elsewhere (DNS rebinding). HTTPS alone, no redirects, no proxy of the environment,
a limit on time from end to end and one on size.
"""

import contextlib
import http.client
import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings

from config.http.public_addresses import may_be_reached

LONGEST_URL = 500
URL = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")  # RFC 3986, without a fragment
CHUNK = 16 * 1024


class OutboundError(Exception):
    """Base of what can go wrong. `reason` is from a closed vocabulary; no text holds an address."""

    reason: ClassVar[str] = "failed"


class BadUrlError(OutboundError):
    """Not an `https://` URL with a host, or one with a user, a fragment or characters that no URL has."""

    reason = "bad_url"


class AddressRefusedError(OutboundError):
    """The host has an address that is not public."""

    reason = "address_refused"


class UnreachableError(OutboundError):
    """No such host, no connection, no TLS, or no HTTP."""

    reason = "unreachable"


class TooSlowError(OutboundError):
    """The time was over before the answer was there."""

    reason = "too_slow"


class TooLargeError(OutboundError):
    """The answer is larger than the limit."""

    reason = "too_large"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back, whatever the status; a redirect is an answer like others. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads."""

    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """The parts of a URL that may be asked for; nothing is resolved yet. Raises BadUrlError."""
    if len(url) > LONGEST_URL or not URL.fullmatch(url):
        raise BadUrlError
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise BadUrlError from None
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        raise BadUrlError
    return Target(host, port, f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")


def examine(url: str) -> None:
    """Look at where `url` leads without going there: for an address that is to be remembered.

    Raises OutboundError: BadUrlError, AddressRefusedError, UnreachableError for a host that nobody knows, TooSlowError.
    Each later `send` looks again.
    """
    target = target_of(url)
    try:
        _resolve(target, Deadline(settings.ENVIRONMENT.outbound_timeout))
    except TimeoutError:
        raise TooSlowError from None
    except (OSError, ValueError) as error:
        raise UnreachableError(type(error).__name__) from None


def send(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float | None = None,
) -> Answer:
    """The answer to one request, within `timeout` seconds (else `outbound_timeout`) and `outbound_max_answer_bytes`.

    Raises OutboundError: BadUrlError, AddressRefusedError, UnreachableError, TooSlowError, TooLargeError.
    """
    target = target_of(url)
    deadline = Deadline(timeout or settings.ENVIRONMENT.outbound_timeout)
    try:
        with contextlib.closing(_connected(target, deadline)) as connection:
            connection.request(
                method, target.path, body=body, headers={**(headers or {}), "Connection": "close"}
            )
            with connection.getresponse() as response:
                return _read(response)
    except TimeoutError:
        raise TooSlowError from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(type(error).__name__) from None


class Deadline:
    """A moment that everything about one request has to keep."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class DeadlineSocket(ssl.SSLSocket):
    """A TLS socket each of whose reads and writes may take what is left of the whole: a peer that sends a byte now
    and then gains nothing by it.
    """

    deadline: Deadline

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*arguments, **named)

    def send(self, *arguments: Any, **named: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().send(*arguments, **named)


def _connected(target: Target, deadline: Deadline) -> http.client.HTTPSConnection:
    """A connection to an address of the host that was looked at. The certificate has to be the host's."""
    plain = _dial(_resolve(target, deadline), target.port, deadline)
    try:
        plain.settimeout(deadline.left())  # the handshake's, as a whole
        secure: Any = _context(settings.ENVIRONMENT.outbound_ca_file).wrap_socket(
            plain, server_hostname=target.host
        )
    except BaseException:
        plain.close()
        raise
    secure.deadline = deadline
    connection = http.client.HTTPSConnection(target.host, target.port)
    connection.sock = secure
    return connection


def _dial(addresses: list[str], port: int, deadline: Deadline) -> socket.socket:
    """The first that answers. Raises the OSError of the last."""
    for index, address in enumerate(addresses):
        patience = min(settings.ENVIRONMENT.outbound_connect_timeout, deadline.left())
        try:
            return socket.create_connection((address, port), timeout=patience)
        except OSError:
            if index == len(addresses) - 1:
                raise
    raise UnreachableError


def _resolve(target: Target, deadline: Deadline) -> list[str]:
    """The addresses of the host. Raises AddressRefusedError when one of them is not for us."""
    addresses = _look_up(target, deadline)
    allowed = settings.ENVIRONMENT.outbound_allowed_networks
    if not addresses or not all(may_be_reached(address, allowed) for address in addresses):
        raise AddressRefusedError
    return addresses


def _look_up(target: Target, deadline: Deadline) -> list[str]:
    """In a thread of its own: the system's resolver has no time limit that we could set."""
    found: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            infos = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(info[4][0]) for info in infos)))
        except (OSError, ValueError) as error:  # UnicodeError for a host that IDNA does not know
            found.put(error)

    Thread(target=ask, name="outbound-resolver", daemon=True).start()
    try:
        answer = found.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _read(response: http.client.HTTPResponse) -> Answer:
    limit = settings.ENVIRONMENT.outbound_max_answer_bytes
    body = bytearray()
    while chunk := response.read1(CHUNK):
        body += chunk
        if len(body) > limit:
            raise TooLargeError
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(status=response.status, headers=headers, body=bytes(body))


@lru_cache(maxsize=4)
def _context(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities, and those of `outbound_ca_file`; TLS 1.2 and newer."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    context.sslsocket_class = DeadlineSocket
    return context
