"""Events of the last days as they went out, and what became of those that webhooks wanted."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.db import connection, models

from config.vault.sealing import seal_field
from demo.chance import Chance
from demo.people import Person
from demo.rows import made_at
from events.models import (
    DeliveryState,
    DisabledReason,
    OutboxEvent,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)

DAYS, EVENTS = 5, 320
TYPES = {
    "user.session.created.v1": "session.created",
    "user.session.ended.v1": "session.ended",
    "user.updated.v1": "user.updated",
}
# Address, whose, what became of one; none is ever reached: RFC 2606. What they want from now on seldom happens.
TROUBLED = "troubled"  # still enabled
HOOKS = (
    ("https://ledger.demo.example/hooks", "order-backend", ""),
    ("https://alerts.demo.example/gatehouse", "risk-engine", TROUBLED),
    ("https://old.demo.example/events", "", DisabledReason.GONE),
    ("https://crm.demo.example/in", "", DisabledReason.FAILING),
)
SELDOM = ["signing_key.rotated.v1", "webhook.disabled.v1"]
FAILURES = (
    (500, "refused", "upstream is down"),
    (None, "timeout", ""),
    (429, "refused", "slow down"),
)


def rows_of(crowd: Sequence[Person], chance: Chance) -> Iterator[list[models.Model]]:
    events = _sent(crowd, chance)
    hooks = [_hook(url, owner, fate, chance) for url, owner, fate in HOOKS]
    deliveries = [
        _delivery(hook, event, fate, chance)
        for hook, (_, _, fate) in zip(hooks, HOOKS, strict=True)
        for event in chance.some_of(events, min(50, len(events)))
    ]
    yield list(events)
    yield list(hooks)
    yield list(deliveries)
    yield [attempt for each in deliveries for attempt in _attempts(each, chance)]


def _sent(crowd: Sequence[Person], chance: Chance) -> list[OutboxEvent]:
    """They have their numbers and are on the stream as far as anybody can tell: no relay sends them."""
    moments = sorted(chance.ago(days=chance.share(0.05, DAYS)) for _ in range(EVENTS))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('events_sequence') FROM generate_series(1, %s)", [len(moments)]
        )
        numbers = sorted(number for (number,) in cursor.fetchall())
    made = []
    for moment, number in zip(moments, numbers, strict=True):
        full_type, person = chance.one_of(list(TYPES)), chance.one_of(crowd)
        made.append(
            made_at(
                OutboxEvent,
                moment,
                chance,
                event_type=full_type,
                channel=TYPES[full_type],
                aggregate_type="user",
                aggregate_id=person.public_id,
                sequence=number,
                data={"user_id": person.public_id},
                sent_at=moment + timedelta(milliseconds=40),
                attempts=1,
            )
        )
    return made


def _hook(url: str, owner: str, fate: str, chance: Chance) -> Webhook:
    disabled = fate if fate in DisabledReason.values else ""
    failing = fate in {TROUBLED, DisabledReason.FAILING}
    hook = made_at(
        Webhook,
        chance.ago(days=60),
        chance,
        owner=owner,
        url=url,
        event_types=SELDOM,
        disabled_reason=disabled,
        disabled_at=chance.ago(days=2) if disabled else None,
        failures=17 if failing else 0,
        failing_since=chance.ago(days=3) if failing else None,
        paused_until=chance.until + timedelta(hours=1) if fate == TROUBLED else None,
    )
    seal_field(hook, "secret", chance.secret_bytes(32))
    return hook


def _delivery(hook: Webhook, event: OutboxEvent, fate: str, chance: Chance) -> WebhookDelivery:
    dead = chance.happens(0.6 if fate else 0.05)
    made = event.created_at + timedelta(milliseconds=60)
    status, error, _ = chance.one_of(FAILURES)
    return made_at(
        WebhookDelivery,
        made,
        chance,
        webhook=hook,
        event=event,
        state=DeliveryState.DEAD if dead else DeliveryState.DELIVERED,
        attempts=chance.number(4, 8) if dead else 1,
        next_attempt_at=made,
        give_up_at=made + timedelta(days=1),
        finished_at=made + timedelta(hours=2 if dead else 0, seconds=1),
        status=status if dead else 200,
        error=error if dead else "",
    )


def _attempts(delivery: WebhookDelivery, chance: Chance) -> Iterator[WebhookAttempt]:
    for number in range(1, delivery.attempts + 1):
        dead = delivery.state == DeliveryState.DEAD
        excerpt = next((words for _, error, words in FAILURES if error == delivery.error), "")
        yield made_at(
            WebhookAttempt,
            delivery.created_at + timedelta(minutes=2**number - 2, seconds=1),
            chance,
            delivery=delivery,
            number=number,
            status=delivery.status,
            error=delivery.error,
            duration_ms=chance.number(900, 10_000) if dead else chance.number(20, 240),
            excerpt=excerpt if dead and delivery.status else "",
        )
