"""`make bench`: start throwaway servers, measure everything, print a table. Fails on nothing.

`python -m benchmarks --release 1.2.0` keeps this run's ratios as that release's, for later runs to print beside theirs.
`--only identity --only http` measures these parts alone.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Collection, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measure import Comparison
from config.devstack.layout import Layout
from config.devstack.servers import POSTGRES, VALKEY, Throwaway

PARTS = ("identity", "decisions", "worst_policy", "http")
LAST_RELEASE = Path(__file__).with_name("last_release.json")


def main() -> None:
    """Print one row for each comparison, with the machine, the versions and the day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", help="keep the ratios as those of this release")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part, not all")
    options = parser.parse_args()
    if options.release and options.only:
        parser.error("a release is kept whole")
    last = json.loads(LAST_RELEASE.read_text())
    ratios: dict[str, float] = {}
    for comparison in _measured(last["release"], options.only or PARTS):
        ratios[comparison.key] = comparison.ratio
        print(comparison.row(last["ratios"].get(comparison.key)), flush=True)
    if options.release:
        rounded = {key: float(f"{ratio:.3g}") for key, ratio in ratios.items()}
        kept = {"release": options.release, "ratios": rounded}
        LAST_RELEASE.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


def _measured(last_release: str, parts: Collection[str]) -> Iterator[Comparison]:
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
        yield from _in_process(last_release, parts)
    finally:
        servers.stop()
        for name in ("DATABASE_URL", "REDIS_URL"):  # what is served next has its own
            os.environ.pop(name, None)
    if "http" in parts:
        from benchmarks import decisions_http  # noqa: PLC0415 - when the other servers are gone

        yield from decisions_http.comparisons()


def _in_process(last_release: str, parts: Collection[str]) -> Iterator[Comparison]:
    import django  # noqa: PLC0415 - its settings are in the environment only now
    from django.test.utils import setup_test_environment  # noqa: PLC0415 - as above

    django.setup()
    setup_test_environment()
    from django.db import connection  # noqa: PLC0415 - as above

    connection.creation.create_test_db(verbosity=0)
    from django.core.management import call_command  # noqa: PLC0415 - as above

    call_command("bootstrap", stdout=sys.stderr)
    from benchmarks import decisions, identity, worst_policy  # noqa: PLC0415 - models need Django

    _print_head(connection, last_release)
    for module in (identity, decisions, worst_policy):
        if module.__name__.rpartition(".")[2] in parts:
            yield from module.comparisons()
    connection.close()


def _print_head(connection: Any, last_release: str) -> None:
    from django.utils import timezone  # noqa: PLC0415 - as above

    from config import redis  # noqa: PLC0415 - as above

    postgresql = connection.pg_version // 10_000
    valkey = redis.client().info("server").get("valkey_version", "?")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before it began,"
        f" {timezone.now():%Y-%m-%d}; Python {platform.python_version()}, Django {version('django')},"
        f" granian {version('granian')}, PostgreSQL {postgresql}, Valkey {valkey}\n"
    )
    print(f"| what | ours | against | ratio | {last_release} | goal |")
    print("| --- | --- | --- | --- | --- | --- |")


if __name__ == "__main__":
    main()
