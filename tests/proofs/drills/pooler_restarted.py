"""PgBouncer, as it ships, restarts under load: once in good order, once killed with -9."""

import signal
import time

from config.devstack.layout import DATABASE_NAME, DATABASE_USER, POSTGRES_SOCKET
from tests.forwarding import forwarded
from tests.pooler import Pooler
from tests.proofs.drills.drill import Drill, Row
from tests.proofs.drills.ground import VARIABLES, under_load
from tests.proofs.drills.places import folder_for_all
from tests.proofs.served import served
from tests.streaming import server

LONGEST_GAP = 15.0
BETWEEN = 8.0  # seconds of load
WAYS = (signal.SIGINT, signal.SIGKILL)


def run() -> Row:
    with folder_for_all() as folder, server(folder / "postgres") as postgres:
        place = folder / "pooler"
        place.mkdir()
        with forwarded(postgres.layout.postgres_sockets / POSTGRES_SOCKET) as port:
            pooler = Pooler(place, port=port, name=DATABASE_NAME, user=DATABASE_USER)
            pooler.start()
            try:
                row = _under_load(pooler, postgres.url)
            finally:
                pooler.end()
    row.demand(longest_gap=LONGEST_GAP)
    return row


def _under_load(pooler: Pooler, direct: str) -> Row:
    variables = {"DATABASE_URL": pooler.url, "DATABASE_DIRECT_URL": direct, **VARIABLES}
    with served("--steady", "1", **variables) as stack:
        with under_load(stack) as ground:
            for how in WAYS:
                begun = time.monotonic()
                pooler.end(how)
                pooler.start()
                ground.told.append(f"{how.name}: away for {time.monotonic() - begun:.1f} s")
                ground.calm(BETWEEN)
        return ground.row()


DRILL = Drill(
    name="pooler-restarted",
    happens="PgBouncer restarts, once in good order and once killed with -9",
    run=run,
)
