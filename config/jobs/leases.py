"""Leases: which of several processes does what only one may, until it dies or gives it back.

In PostgreSQL and by its clock, so they hold wherever the processes run, and through a pooler that lends a session for
one transaction. A lock of a session would not, and a lock of a transaction (`config.locking`) ends with it.
"""

from datetime import timedelta

from django.db import connection, models

TAKE = """
    INSERT INTO jobs_lease (name, holder, expires_at)
    VALUES (%(name)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
    WHERE jobs_lease.holder = EXCLUDED.holder OR jobs_lease.expires_at <= clock_timestamp()
"""


class Lease(models.Model):
    """`holder` has what `name` stands for until `expires_at`; a process writes itself in by `take` alone."""

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=100)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "jobs"

    def __str__(self) -> str:
        return self.name


def take(*, name: str, holder: str, time: timedelta) -> bool:
    """Have the lease for `time` from now, or have it for longer; False while somebody else has it."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"name": name, "holder": holder, "seconds": time.total_seconds()})
        return bool(cursor.rowcount == 1)


def give_back(*, name: str, holder: str) -> None:
    """Let the next one have it at once. Of a lease that is somebody else's by now nothing changes."""
    Lease.objects.filter(name=name, holder=holder).delete()
