"""What must be true of the database before the processes start."""

import json
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def prepare() -> str:
    """Apply the migrations that are missing, then `bootstrap`, then DEMO_DATA into a database without people; returns
    a one-time link into the console.
    """
    try:
        connection = connections["default"]
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        link = _bootstrap()
        if settings.ENVIRONMENT.demo_data:
            call_command("seed_demo", if_empty=True, json=True, stdout=StringIO())
        return link
    finally:
        connections.close_all()


def _bootstrap() -> str:
    output = StringIO()
    call_command("bootstrap", console_link=True, json=True, stdout=output)
    return str(json.loads(output.getvalue())["console_link"])
