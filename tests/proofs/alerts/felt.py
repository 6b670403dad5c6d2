"""Faults that people feel."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs.alerts.fault import Fault
from tests.proofs.alerts.scene import Scene
from tests.proofs.chaos_victims import has, mains, readiness
from tests.waiting import wait_until

SLOW = 1.6  # seconds that the key service takes, of the two that it has
OFTEN = 4  # hands
CROWD = 32  # more than two cores can hash


@contextmanager
def web_killed(scene: Scene) -> Iterator[None]:
    """And nobody is there to start it again, as on a machine that is gone."""
    main = mains(scene.stack)["web"]
    with scene.nothing_restarts():
        for process in (main, *main.children(recursive=True)):
            process.kill()
        yield
    wait_until(lambda: readiness(scene.stack).startswith("200 "), "the web", limit=120.0)


@contextmanager
def database_killed(scene: Scene) -> Iterator[None]:
    scene.primary.kill()
    try:
        with scene.all_the_time(scene.sign_in, hands=2):
            yield
    finally:
        scene.primary.revive()
        wait_until(lambda: readiness(scene.stack).startswith("200 "), "the database", limit=120.0)
        wait_until(lambda: scene.sign_in(0).is_success, "somebody who signs in")


@contextmanager
def redis_stopped(scene: Scene) -> Iterator[None]:
    def ask(number: int) -> None:
        if number % 4:
            scene.sign_in(number)
        else:
            with scene.client("10.200.0.1") as client:
                client.post(
                    "/v1/auth/password/reset-request", json={"email": scene.emails[number % 40]}
                )

    scene.valkey.stop()
    try:
        with scene.all_the_time(ask):
            yield
    finally:
        scene.valkey.start()
        wait_until(lambda: has(scene.stack, "redis"), "Redis")


@contextmanager
def replica_stopped(scene: Scene) -> Iterator[None]:
    scene.standby.stop()
    try:
        yield
    finally:
        scene.standby.start()


@contextmanager
def replica_paused(scene: Scene) -> Iterator[None]:
    scene.standby.pause()
    try:
        with scene.all_the_time(scene.sign_in, pause=0.5):
            yield
    finally:
        scene.standby.resume()


@contextmanager
def wrong_passwords_everywhere(scene: Scene) -> Iterator[None]:
    def guess(number: int) -> None:
        with scene.client(f"10.{number // 250 % 250}.{number % 250}.1") as client:
            name = scene.emails[number % len(scene.emails)]
            client.post("/v1/auth/login", json={"email": name, "password": f"a guess, {number}"})

    with scene.all_the_time(guess, hands=OFTEN, pause=0.02):
        yield


@contextmanager
def key_service_slow(scene: Scene) -> Iterator[None]:
    scene.keys.delay = SLOW
    try:
        with scene.all_the_time(lambda _: scene.sync(), pause=1.0):
            yield
    finally:
        scene.keys.delay = 0.0


@contextmanager
def too_many_sign_ins(scene: Scene) -> Iterator[None]:
    with scene.all_the_time(scene.sign_in, hands=CROWD, pause=0.01):
        yield


@contextmanager
def key_service_away(scene: Scene) -> Iterator[None]:
    scene.keys.leave()
    try:
        with scene.all_the_time(lambda _: scene.sync(), pause=1.0):
            yield
    finally:
        scene.keys.come_back()
    scene.bring_back()


FAULTS = (
    Fault(
        alerts=("InstanceDown",),
        happens="the web killed with -9, and nobody starts it again",
        cause=web_killed,
    ),
    Fault(
        alerts=("FactsMissing", "ErrorBudgetBurnsFast", "ErrorBudgetBurns"),
        happens="PostgreSQL killed with -9 while people sign in",
        cause=database_killed,
        resolves=0,  # the rates of hours
    ),
    Fault(
        alerts=("RedisAway", "TasksUnsent"),
        happens="Valkey, which is Celery's broker as well, stopped while people sign in and ask for mails",
        cause=redis_stopped,
    ),
    Fault(alerts=("ReplicaUnusable",), happens="the replica stopped", cause=replica_stopped),
    Fault(alerts=("ReplicaLags",), happens="replay on the replica paused", cause=replica_paused),
    Fault(
        alerts=("KeyServiceUnavailable", "SyncsFailOnOurSide"),
        happens="nobody listens at the key service's address while accounts are synced",
        cause=key_service_away,
        resolves=0,
    ),
    Fault(
        alerts=("KeyServiceSlow",),
        happens=f"the key service takes {SLOW:g} s for each answer",
        cause=key_service_slow,
    ),
    Fault(
        alerts=("SlowFast", "Slow"),
        happens=f"{CROWD} people sign in at once, again and again",
        cause=too_many_sign_ins,
        resolves=0,  # the rates of hours
    ),
    Fault(
        alerts=("SignInsFail",),
        happens="wrong passwords for everybody, from everywhere",
        cause=wrong_passwords_everywhere,
        resolves=0,  # people are asked to wait longer than it lasts
    ),
)
