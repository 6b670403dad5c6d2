"""Many accounts, some workers, and what the broker saw of them. Django is set up."""

import os
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from config.ids import new_uuid
from config.jobs.models import JobState
from config.settings.sections.section import PROJECT_ROOT
from config.vault.sealing import seal_field
from events.tests.processes import database_url_of_the_tests
from trading.brokers.base import BrokerCredentials
from trading.brokers.registry import get_broker
from trading.models import (
    AccountStatus,
    BrokerSession,
    CredentialStatus,
    SyncOutcome,
    SyncRun,
    SyncTrigger,
    TradingAccount,
)
from trading.services import bulk_sync, credentials
from trading.services.activation import broker_user_hash
from trading.simulator.client import SimulatorControl
from trading.simulator.faults import Fault
from trading.simulator.state import App
from trading.tests.factories import TradingAccountFactory

LATENCY = 0.05  # seconds before the simulator answers
PER_SECOND = 10  # requests for each key: the broker's limit
EACH = 2  # requests of one sync
RELIEVE_EVERY = 2.0  # seconds; by the clock it is a minute
LONGEST = 1800


@dataclass
class Watched:
    """What somebody saw who looked at the job all the time."""

    seconds: float = 0
    all_but_one: float = (
        0  # seconds; the last is that of the killed worker, which waits for its lease
    )
    progress: list[int] = field(default_factory=list)
    second_joined: bool = False
    killed: int = 0

    @property
    def monotone(self) -> bool:
        return self.progress == sorted(self.progress)


def prove(control: SimulatorControl, options: Namespace) -> bool:
    """Whether all of it holds, with a report on standard output."""
    with workers(options.workers) as processes:
        own = _many_keys(control, options.accounts, processes)
        TradingAccount.objects.update(status=AccountStatus.SUSPENDED)
        shared = _one_key(control, options.sharing, processes)
    return own and shared


def _many_keys(
    control: SimulatorControl, count: int, processes: list[subprocess.Popen[bytes]]
) -> bool:
    for _ in range(count):
        link(control, control.create_app(redirect_url="http://localhost/"))
    watched, outcomes = _run(control, count, processes, kill=True)
    asked = Counter(
        entry.headers["authorization"].split(":")[0]
        for entry in control.journal(path="/user/profile")
    )
    again = sum(asked.values()) - count
    abandoned = SyncRun.objects.filter(outcome=SyncOutcome.ABANDONED).count()
    _say(
        f"{count} accounts with a key each: all but the killed worker's in {watched.all_but_one:.1f} s, "
        f"{(count - 1) / watched.all_but_one:.1f} a second; the broker would allow {PER_SECOND / EACH * count:.0f}, "
        f"so this machine is the limit. All in {watched.seconds:.1f} s"
    )
    _say(f"  outcomes {outcomes}, progress never back: {watched.monotone}")
    _say(
        f"  second job joined the first: {watched.second_joined}; workers killed: {watched.killed}"
    )
    _say(f"  runs abandoned {abandoned}, profiles asked for more than once {again}")
    return (
        outcomes == {"succeeded": count}
        and watched.monotone
        and watched.second_joined
        and watched.killed == 1
        and len(asked) == count
        and again <= abandoned <= 1
    )


def _one_key(
    control: SimulatorControl, count: int, processes: list[subprocess.Popen[bytes]]
) -> bool:
    app = control.create_app(redirect_url="http://localhost/")
    for _ in range(count):
        link(control, app)
        time.sleep(2 / PER_SECOND)  # logins count towards the limit as well
    watched, outcomes = _run(control, count, processes, kill=False)
    entries = [entry for entry in control.journal() if entry.path.startswith("/user/")]
    span = (entries[-1].at - entries[0].at).total_seconds()
    rate = (len(entries) - 1) / span
    refused = sum(entry.status == 429 for entry in entries)
    _say(
        f"{count} accounts that share a key: {watched.seconds:.1f} s, {rate:.2f} requests a second "
        f"of the {PER_SECOND} that the broker allows: {rate / PER_SECOND:.2f}"
    )
    _say(
        f"  outcomes {outcomes}, progress never back: {watched.monotone}, refused with 429: {refused}"
    )
    return outcomes == {"succeeded": count} and watched.monotone and rate >= 0.9 * PER_SECOND


def _run(
    control: SimulatorControl,
    count: int,
    processes: list[subprocess.Popen[bytes]],
    *,
    kill: bool,
) -> tuple[Watched, dict[str, int]]:
    """One job from its start to its end."""
    control.clear_journal()
    for _ in range(1 + 3 * count // 1000):
        control.queue_fault("GET /user/profile", Fault(delay=LATENCY), times=1000)
        control.queue_fault("GET /user/margins", Fault(delay=LATENCY), times=1000)
    job = bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND).job
    watched, begun, relieved = Watched(), time.monotonic(), 0.0
    while not job.ended and time.monotonic() < begun + LONGEST:
        time.sleep(0.1)
        job.refresh_from_db()
        watched.progress.append(job.done)
        if not watched.all_but_one and job.total and job.done >= count - 1:
            watched.all_but_one = time.monotonic() - begun
        if kill and not watched.killed and job.done > count // 4:
            processes[0].send_signal(signal.SIGKILL)
            watched.killed += 1
            watched.second_joined = bulk_sync.start(owner=None, trigger=SyncTrigger.COMMAND).joined
        if time.monotonic() > relieved + RELIEVE_EVERY:
            bulk_sync.relieve()
            relieved = time.monotonic()
    watched.seconds = time.monotonic() - begun
    control.clear_faults()
    return watched, (job.result or {}).get(
        "outcomes", {}
    ) if job.state == JobState.SUCCEEDED else {}


def link(control: SimulatorControl, app: App) -> TradingAccount:
    """An active account as a login with `app` leaves it, of a broker user of its own."""
    user = control.create_user()
    pair = BrokerCredentials(api_key=app.api_key, api_secret=app.api_secret)
    token = control.grant_request_token(api_key=app.api_key, user_id=user.user_id)
    login = get_broker("kite").complete_login(pair, request_token=token)
    account: TradingAccount = TradingAccountFactory.create()
    version = credentials.sealed(account=account, credentials=pair, created_by=account.owner)
    credentials.add_pending(version)
    now = timezone.now()
    version.status, version.proven_at = CredentialStatus.CURRENT, now
    version.save()
    session = BrokerSession(account=account, credential=version, expires_at=login.expires_at)
    seal_field(session, "access_token", login.access_token.encode())
    session.save()
    account.broker_user_hash = broker_user_hash("kite", user.user_id)
    account.status, account.linked_at, account.reauth_by = (
        AccountStatus.ACTIVE,
        now,
        login.expires_at,
    )
    account.save()
    return account


@contextmanager
def workers(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Celery workers with one task at a time each, on the queue of syncs."""
    environment = os.environ | {"DATABASE_URL": database_url_of_the_tests()}
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker"]
    options = ["--queues", "broker", "--pool", "solo", "--without-gossip", "--without-mingle"]
    processes = [
        subprocess.Popen(
            [*command, *options, "--hostname", f"{new_uuid()}@proof"],
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(count)
    ]
    try:
        yield processes
    finally:
        connection.close()
        for process in processes:
            process.kill()
            process.wait()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
