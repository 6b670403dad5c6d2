"""The primary is killed with -9 and its synchronous replica is promoted: what was answered is there, and goes on.

DATABASE_URL names both hosts, with `target_session_attrs=read-write`: whoever connects is led to the one that takes
writes. So nothing is set anew and nothing restarts; pools, the relay and whoever listens connect again by themselves.
"""

import time

import psycopg

from config.devstack.layout import DATABASE_NAME, DATABASE_USER
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, Ground, under_load
from tests.proofs.drills.places import folder_for_all
from tests.proofs.served import served
from tests.streaming import Server, Standby, server, standby_of

REACTION = 3.0  # seconds until somebody, or something, has decided to promote
LONGEST_GAP = 25.0
AFTER = 15.0  # seconds of load after it


def run() -> Row:
    with (
        folder_for_all() as folder,
        server(folder / "one") as primary,
        standby_of(primary.layout, folder / "two", name="second") as standby,
    ):
        _wait_for_the_second(primary.url)
        with served("--steady", "1", DATABASE_URL=_both(primary, standby), **VARIABLES) as stack:
            with under_load(stack) as ground:
                primary.kill()
                _promote(standby, ground)
                ground.calm(AFTER)
            row = ground.row()
    row.demand(longest_gap=LONGEST_GAP)
    return row


def _both(primary: Server, standby: Standby) -> str:
    """The URL that leads to whichever of the two takes writes."""
    hosts = f"{primary.layout.postgres_sockets},{standby.layout.postgres_sockets}"
    return f"postgresql://{DATABASE_USER}@/{DATABASE_NAME}?host={hosts}&target_session_attrs=read-write"


def _wait_for_the_second(url: str) -> None:
    """From now on a commit is answered when the replica has it too."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = 'second'")
        connection.execute("SELECT pg_reload_conf()")


def _promote(standby: Standby, ground: Ground) -> None:
    time.sleep(REACTION)
    begun = time.monotonic()
    standby.promote()
    ground.told.append(
        f"promoted {REACTION:g} s after the kill, in {time.monotonic() - begun:.1f} s"
    )


DRILL = Drill(
    name="promotion",
    happens=f"primary killed with -9, its synchronous replica promoted {REACTION:g} s later",
    run=run,
)
