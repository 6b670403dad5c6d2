"""One try of one delivery, over the wire and without the database."""

import time
from dataclasses import dataclass

import structlog
from django.conf import settings

from config.http import outbound
from config.http.outbound import Answer, OutboundError
from config.http.retry_after import seconds_to_wait
from config.telemetry.redaction.text import redact_text
from events.models.webhook_delivery import LONGEST_EXCERPT
from events.services.webhooks import signatures
from events.services.webhooks.claiming import Parcel

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
GONE = 410
READ_FOR_EXCERPT = 4096
REFUSED, REDIRECTED, INTERNAL = "refused", "redirected", "internal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a try. `error` is empty for a delivery, else from a closed vocabulary: the reasons of
    `config.http.outbound`, `refused`, `redirected`, `internal`. `retry_after` is in seconds."""

    error: str = ""
    status: int | None = None
    duration_ms: int = 0
    excerpt: str = ""
    retry_after: float | None = None

    @property
    def delivered(self) -> bool:
        return not self.error


def send(parcel: Parcel) -> Outcome:
    """Deliver; whatever goes wrong is an outcome."""
    began = time.perf_counter()
    try:
        answer = _posted(parcel)
        return _judged(answer, _since(began))
    except OutboundError as error:
        return Outcome(error=error.reason, duration_ms=_since(began))
    except Exception:  # a delivery that fails in a new way must not take the others along
        log.exception("webhook.delivery_failed")
        return Outcome(error=INTERNAL, duration_ms=_since(began))


def _posted(parcel: Parcel) -> Answer:
    signed = signatures.headers(
        message_id=parcel.message_id,
        timestamp=int(time.time()),
        body=parcel.body,
        secrets=parcel.secrets,
    )
    return outbound.send(
        parcel.url,
        method="POST",
        body=parcel.body,
        headers={"Content-Type": CONTENT_TYPE, "User-Agent": "Gatehouse-Webhooks", **signed},
        timeout=settings.ENVIRONMENT.webhook_timeout,
    )


def _judged(answer: Answer, duration_ms: int) -> Outcome:
    if 200 <= answer.status < 300:
        return Outcome(status=answer.status, duration_ms=duration_ms)
    return Outcome(
        error=REDIRECTED if 300 <= answer.status < 400 else REFUSED,
        status=answer.status,
        duration_ms=duration_ms,
        excerpt=excerpt_of(answer.body),
        retry_after=seconds_to_wait(answer.headers.get("retry-after")),
    )


def excerpt_of(body: bytes) -> str:
    """The beginning of an answer in one printable line, without what looks like a secret."""
    text = redact_text(body[:READ_FOR_EXCERPT].decode("utf-8", "replace"))
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.split())[:LONGEST_EXCERPT]


def _since(began: float) -> int:
    return int((time.perf_counter() - began) * 1000)
