"""RabbitMQ, in whose queues the tasks wait, is stopped under load and comes back."""

import tempfile
import time
from pathlib import Path

from tests.proofs.chaos_victims import has
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, Ground, under_load
from tests.proofs.served import served
from tests.rabbitmq import PROGRAM, RabbitMQ, rabbitmq
from tests.waiting import wait_until

AWAY = 5.0  # seconds
RETURN_LIMIT = 60.0
LONGEST_GAP = 10.0  # seconds without a good answer of a kind


def run() -> Row:
    if not PROGRAM:
        raise SystemExit("no rabbitmq-server here: install the system's package")
    with (
        tempfile.TemporaryDirectory(prefix="gatehouse-proof-") as folder,
        rabbitmq(Path(folder)) as broker,
        served(CELERY_BROKER_URL=broker.url, **VARIABLES) as stack,
    ):
        with under_load(stack) as ground:
            _restart(broker, ground)
        row = ground.row()
        waiting = _waiting(stack.manage("shell", "--no-imports", "-c", QUEUES))
    row.told.append(f"{waiting} tasks still waited in the queues")
    row.demand(longest_gap=LONGEST_GAP)
    return row


QUEUES = (
    "from config.jobs.queues import queue_facts\n"
    "print(*(int(each.value) for family in queue_facts() for each in family.samples))"
)


def _waiting(told: str) -> int:
    return sum(map(int, told.split()))


def _restart(broker: RabbitMQ, ground: Ground) -> None:
    begun = time.monotonic()
    broker.stop()
    ground.calm(AWAY)
    broker.start()
    ground.told.append(f"RabbitMQ was away for {time.monotonic() - begun:.1f} s")
    wait_until(
        lambda: has(ground.stack, "broker"),
        "a service that has its broker",
        limit=RETURN_LIMIT,
    )
    ground.told.append(f"/readyz had it again after {time.monotonic() - begun:.1f} s")
    ground.calm()


DRILL = Drill(
    name="rabbitmq-restart",
    happens="RabbitMQ, which carries the tasks, is stopped for some seconds and starts again",
    run=run,
)
