"""The programs of `docs/integrators/consuming-events.md`, word for word, against a real stream."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings

from config.redis import client
from events.models import OutboxEvent
from events.services.relay import STREAM, relay_batch
from events.tests.factories import OutboxEventFactory, new_thing
from events.tests.processes import Valkey
from tests.node.tooling import NODE, install
from tests.waiting import wait_until

PAGE = Path(settings.BASE_DIR) / "docs/integrators/consuming-events.md"
GROUP = "suspensions"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


def program(containing: str, language: str = "python") -> str:
    """The one program of the page in this language that has this text."""
    programs: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    [found] = [text for text in programs if containing in text]
    return found


def command(language: str, containing: str) -> list[str]:
    if language == "python":
        return [sys.executable, "-c", program(containing)]
    # The program goes in as text, so modules are found from the folder that it runs in.
    return [NODE, "--input-type=module", "--no-warnings", "-e", program(containing, language)]


@contextmanager
def running(arguments: list[str], **environment: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        arguments,
        cwd=install(),
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def happen(subject: str, sequence: int, kind: str = "user.suspended.v1") -> OutboxEvent:
    return OutboxEventFactory.create(
        aggregate_id=subject, sequence=sequence, event_type=kind, channel="session.ended"
    )


def relay() -> None:
    relay_batch(client=client(), limit=1000)


def test_whoever_listens_hears_at_once(valkey: Valkey, reader: "redis.Redis") -> None:
    subject = new_thing()
    happen(subject, 1)
    with running(command("python", "psubscribe"), REDIS_URL=valkey.url) as listener:
        wait_until(lambda: reader.pubsub_numpat() == 1, "it listens")
        relay()
        assert listener.stdout is not None
        assert listener.stdout.readline() == f"user.suspended.v1 {subject}\n"


@pytest.mark.parametrize("language", ["python", "js"])
def test_a_consumer_that_is_killed_again_and_again_handles_each_event_once_and_in_order(
    valkey: Valkey, reader: "redis.Redis", tmp_path: Path, language: str
) -> None:
    subjects = [new_thing() for _ in range(4)]
    rows = [happen(subjects[number % 4], number) for number in range(1, 201)]
    happen(new_thing(), 201, "user.created.v1")
    relay()
    again = OutboxEvent.objects.filter(sequence__gt=100)  # as after a crash of a relay
    again.update(sent_at=None)
    relay()
    # ioredis takes the path of a socket as it is.
    url = valkey.url if language == "python" else valkey.url.removeprefix("unix://")
    source, database = command(language, "xreadgroup"), str(tmp_path / "consumer.db")

    def handled() -> list[tuple[str, str]]:
        with closing(sqlite3.connect(database, timeout=30)) as opened:
            try:
                return opened.execute(
                    "SELECT subject, event FROM changes ORDER BY rowid"
                ).fetchall()
            except sqlite3.OperationalError:  # not made yet
                return []

    for target in (10, 60, 120):
        with running(source, REDIS_URL=url, DATABASE=database):
            wait_until(lambda target=target: len(handled()) >= target, "it is at work")  # type: ignore[misc]
    with running(source, REDIS_URL=url, DATABASE=database):
        wait_until(lambda: _all_acknowledged(reader), "it is done")

    by_subject = {
        subject: [event for about, event in handled() if about == subject] for subject in subjects
    }
    assert by_subject == {
        subject: [row.public_id for row in rows if row.aggregate_id == subject]
        for subject in subjects
    }
    assert len(handled()) == 200


def _all_acknowledged(reader: "redis.Redis") -> bool:
    [group] = reader.xinfo_groups(STREAM)
    return bool(group["pending"] == 0 and group["lag"] == 0)
