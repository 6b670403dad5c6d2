"""`make bench`: start throwaway servers, measure everything, print a table. Fails on nothing."""

import os
import platform
import sys
import tempfile
from pathlib import Path

from config.devstack.layout import Layout
from config.devstack.servers import POSTGRES, VALKEY, Throwaway


def main() -> None:
    """Print one row for each comparison, with the machine and the day."""
    state_dir = Path(tempfile.mkdtemp(prefix="gatehouse-bench-"))
    state_dir.chmod(0o711)
    layout = Layout(state_dir)
    servers = Throwaway(layout, {POSTGRES, VALKEY})
    try:
        servers.start()
        os.environ |= {
            "DATABASE_URL": layout.database_url,
            "REDIS_URL": layout.redis_url,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "LOG_LEVEL": "ERROR",
            "REQUESTS_PER_MINUTE": "1000000",
        }
        _measure()
    finally:
        servers.stop()


def _measure() -> None:
    import django  # noqa: PLC0415 - its settings are in the environment only now
    from django.test.utils import setup_test_environment  # noqa: PLC0415 - as above

    django.setup()
    setup_test_environment()
    from django.db import connection  # noqa: PLC0415 - as above
    from django.utils import timezone  # noqa: PLC0415 - as above

    connection.creation.create_test_db(verbosity=0)
    from django.core.management import call_command  # noqa: PLC0415 - as above

    call_command("bootstrap", stdout=sys.stderr)
    from benchmarks import decisions, identity  # noqa: PLC0415 - models need Django

    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {timezone.now():%Y-%m-%d}\n"
    )
    print("| what | ours | floor | ratio | goal |\n| --- | --- | --- | --- | --- |")
    for module in (identity, decisions):
        for row in module.comparisons():
            print(
                f"| {row.name} | {row.ours * 1e6:,.0f} µs | {row.floor * 1e6:,.0f} µs ({row.floor_name}) "
                f"| {row.ratio:.2f} | {row.goal} |",
                flush=True,
            )
    connection.close()


if __name__ == "__main__":
    main()
