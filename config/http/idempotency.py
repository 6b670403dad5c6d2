"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): doing it once however often it is sent.

Answers may hold what nobody else should read, such as a link that logs in. The vault, a floor above, hands in how they
are sealed: see `keep_answers_in`.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, Protocol

import orjson
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.http.metrics import IDEMPOTENCY_REPLAYS
from config.http.models import IdempotencyRecord
from config.http.principal import Principal
from config.http.problems import ConflictError, FieldError, InvalidRequestError, ProblemError

Handler = Callable[..., Response]
Seal = Callable[[str, bytes], bytes]
ABANDONED_AFTER = timedelta(minutes=1)  # longer than any request may take: its process died


class IdempotencyKeyReusedError(ProblemError):
    """The `Idempotency-Key` was used for another request body within the last day. Use a new key for a new request."""

    slug = "idempotency-key-reused"
    title = "The idempotency key belongs to another request"
    status = 422


class IdempotentRequestRunningError(ConflictError):
    """The first request with this `Idempotency-Key` has not been answered yet. Try again in a moment."""

    slug = "idempotent-request-running"
    title = "The first request is still running"


class AnswerVault(Protocol):
    """Seals an answer for its record, and opens it there and nowhere else. `record` is the record's key."""

    def sealing(self) -> Seal:
        """What takes a record and an answer, with its key at hand: it does not fail after the request was carried out.

        Raises a ProblemError when there is no key to be had.
        """
        ...

    def open(self, record: str, sealed: bytes) -> bytes:
        """Raises a ProblemError for what does not open."""
        ...


_vaults: list[AnswerVault] = []


def keep_answers_in(vault: AnswerVault) -> None:
    """Called once, when the apps are ready."""
    _vaults[:] = [vault]


def idempotent(handler: Handler) -> Handler:
    """For a view method: a request with an `Idempotency-Key` is carried out once, and its answer replayed for a day.

    Only answers that succeeded are kept: after an error the same key tries again.
    """

    @wraps(handler)
    def wrapper(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        seal = _vaults[0].sealing()
        record = _claim(request, _checked(key))
        if isinstance(record, Response):
            return record
        try:
            response = handler(view, request, *args, **kwargs)
        except BaseException:
            record.delete()
            raise
        record.status = response.status_code
        record.body = seal(str(record.pk), orjson.dumps(response.data, default=str))
        record.save(update_fields=["status", "body"])
        return response

    return wrapper


def _checked(key: str) -> str:
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidRequestError(
            errors=[
                FieldError("Idempotency-Key", "invalid", "1 to 255 printable ASCII characters.")
            ]
        )
    return key


def _claim(request: Request, key: str) -> IdempotencyRecord | Response:
    """The record that makes this request the first, or the answer that the first one got."""
    caller = request.auth.subject if isinstance(request.auth, Principal) else "anonymous"
    endpoint = f"{request.method} {request.path}"[:200]
    digest = sha256(orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)).hexdigest()
    now = timezone.now()
    mine = {"caller": caller, "endpoint": endpoint, "key": key}
    IdempotencyRecord.objects.filter(**mine).expired().delete()
    IdempotencyRecord.objects.filter(
        **mine, status=None, created_at__lt=now - ABANDONED_AFTER
    ).delete()
    try:
        with transaction.atomic():
            return IdempotencyRecord.objects.create(
                **mine,
                request_hash=digest,
                expires_at=now + timedelta(seconds=settings.ENVIRONMENT.idempotency_lifetime),
            )
    except IntegrityError:
        return _replay(IdempotencyRecord.objects.filter(**mine).first(), digest)


def _replay(record: IdempotencyRecord | None, digest: str) -> Response:
    if record is None or (record.status is None and record.request_hash == digest):
        raise IdempotentRequestRunningError(headers={"Retry-After": "1"})
    if record.request_hash != digest:
        raise IdempotencyKeyReusedError()
    IDEMPOTENCY_REPLAYS.inc()
    return Response(
        orjson.loads(_vaults[0].open(str(record.pk), bytes(record.body or b""))),
        status=record.status,
        headers={"Idempotent-Replayed": "true", "Cache-Control": "no-store"},
    )


def forget_expired() -> int:
    """Delete what has expired; returns how many records."""
    deleted, _ = IdempotencyRecord.objects.expired().delete()
    return deleted
