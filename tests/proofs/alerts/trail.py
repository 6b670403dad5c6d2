"""Faults of the audit trail."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs.alerts.fault import Fault
from tests.proofs.alerts.scene import Scene

ROWS = 10_100  # more than ten thousand are an alert
FILL = """
INSERT INTO audit_authevent
SELECT made.*
  FROM (SELECT row FROM audit_authevent AS row ORDER BY occurred_at DESC LIMIT 1) AS one,
       generate_series(1, {rows}) AS number,  -- named within, so that each row is made and not one for all
       LATERAL jsonb_populate_record(
           one.row, jsonb_build_object('event_id', gen_random_uuid(), 'number', number)) AS made
"""
VERIFY = "from audit.tasks import verify_recent; verify_recent.delay()"
MONTHS = """
SELECT inhrelid::regclass::text FROM pg_inherits
 WHERE inhparent = 'audit_authevent'::regclass
   AND pg_get_expr((SELECT relpartbound FROM pg_class WHERE oid = inhrelid), inhrelid) <> 'DEFAULT'
   AND substring(pg_get_expr((SELECT relpartbound FROM pg_class WHERE oid = inhrelid), inhrelid)
                 FROM $$FROM \\('([^']+)'$$)::timestamptz > now()
"""
STRAY = """
INSERT INTO audit_authevent
SELECT made.*
  FROM (SELECT row FROM audit_authevent AS row ORDER BY occurred_at DESC LIMIT 1) AS one,
       jsonb_populate_record(one.row, jsonb_build_object(
           'event_id', gen_random_uuid(), 'occurred_at', date_trunc('month', now()) + interval '40 days')) AS made
"""


@contextmanager
def checkpoint_old(scene: Scene) -> Iterator[None]:
    scene.stack.manage("audit_checkpoint")
    with scene.halted("beat"):
        scene.sql("UPDATE audit_auditcheckpoint SET created_at = created_at - interval '3 hours'")
        yield
        scene.stack.manage("audit_checkpoint")


@contextmanager
def chaining_halted(scene: Scene) -> Iterator[None]:
    with scene.halted("beat", "worker"):
        scene.sql(FILL.format(rows=ROWS), triggers=True)
        yield
        scene.stack.manage("audit_checkpoint")


@contextmanager
def months_dropped(scene: Scene) -> Iterator[None]:
    for (name,) in scene.sql(MONTHS):
        scene.sql(f"DROP TABLE {name}")
    scene.sql(STRAY, triggers=True)
    yield
    scene.stack.manage("audit_partitions")


@contextmanager
def row_altered(scene: Scene) -> Iterator[None]:
    ((name, before),) = scene.sql(
        "SELECT event_id, actor_id FROM audit_authevent WHERE occurred_at < now() - interval '1 minute' LIMIT 1"
    )
    change = "UPDATE audit_authevent SET actor_id = %s WHERE event_id = %s"
    scene.sql(change, "usr_somebody_else", name)
    try:
        scene.python(VERIFY)
        yield
    finally:
        scene.sql(change, before, name)


FAULTS = (
    Fault(
        alerts=("AuditCheckpointOld",),
        happens="beat hangs, the last checkpoint made three hours old",
        cause=checkpoint_old,
    ),
    Fault(
        alerts=("AuditChainBehind",),
        happens=f"beat and worker hang, {ROWS} rows written",
        cause=chaining_halted,
    ),
    Fault(
        alerts=("AuditPartitionMissing", "AuditDefaultPartitionNotEmpty"),
        happens="the months ahead dropped, and a row written that belongs to one",
        cause=months_dropped,
    ),
    Fault(
        alerts=("AuditVerificationFailed",),
        happens="a row of the trail altered, and the trail verified",
        cause=row_altered,
        resolves=0,  # its window is an hour
    ),
)
