"""What a webhook may look like: the faults of one, each at its field."""

from collections.abc import Iterator

from config.http import outbound
from config.http.outbound import OutboundError
from config.http.problems import FieldError
from events.domain import DomainEvent
from events.errors import InvalidWebhookError
from events.models import Webhook
from events.models.webhook import DESCRIPTION_LENGTH
from events.schemas import catalogue

MOST_TYPES = 100

WHY_NOT = {
    "bad_url": "An https URL with a host, without a user and a fragment.",
    "address_refused": "The host has an address that is not public.",
    "unreachable": "Nobody knows this host.",
    "too_slow": "The host's name was not resolved in time.",
}


def demand_valid(webhook: Webhook, *, url_changed: bool) -> None:
    """Go on only with a webhook that may be saved. It looks the host up, so call it outside any transaction.

    Raises InvalidWebhookError.
    """
    errors = [*_texts(webhook), *_types(webhook.event_types)]
    if url_changed:
        errors += _address(webhook.url)
    if errors:
        raise InvalidWebhookError(errors=errors)


def _texts(webhook: Webhook) -> Iterator[FieldError]:
    if len(webhook.description) > DESCRIPTION_LENGTH or not webhook.description.isprintable():
        yield FieldError(
            "description", "invalid", f"At most {DESCRIPTION_LENGTH} printable characters."
        )


def _types(event_types: list[str]) -> Iterator[FieldError]:
    if len(event_types) > MOST_TYPES:
        yield FieldError("event_types", "invalid", f"At most {MOST_TYPES}; none at all means all.")
        return
    known = catalogue().keys() | DomainEvent.registry.keys()
    for wanted in event_types:
        prefix = wanted[:-1] if wanted.endswith(".*") else ""
        if wanted not in known and not (prefix and any(name.startswith(prefix) for name in known)):
            yield FieldError(
                "event_types",
                "unknown",
                f"There is no {wanted[:100]!r}; see GET /v1/events/schemas.",
            )


def _address(url: str) -> Iterator[FieldError]:
    try:
        outbound.examine(url)
    except OutboundError as error:
        yield FieldError("url", error.reason, WHY_NOT.get(error.reason, WHY_NOT["unreachable"]))
