"""A hypertable keeps chunks older than two weeks by columns, a tenth of their size (ADR 0192). Native partitions, and
TimescaleDB without its community edition, keep rows as they are.
"""

from django.db import migrations

CAN_COMPRESS = """
SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = 'audit_authevent'::regclass AND relkind = 'r')
   AND current_setting('timescaledb.license', true) = 'timescale'
"""
COMPRESS = """
ALTER TABLE audit_authevent SET (
    timescaledb.compress,
    timescaledb.compress_orderby = 'occurred_at DESC, event_id DESC'
)
"""
AFTER_TWO_WEEKS = "SELECT add_compression_policy('audit_authevent', interval '14 days')"
NEVER = "SELECT remove_compression_policy('audit_authevent', if_exists => true)"


def keep_by_columns(apps, schema_editor):
    if _can_compress(schema_editor):
        schema_editor.execute(COMPRESS)
        schema_editor.execute(AFTER_TWO_WEEKS)


def keep_by_rows(apps, schema_editor):
    """Chunks that are compressed stay so; no others become so."""
    if _can_compress(schema_editor):
        schema_editor.execute(NEVER)


def _can_compress(schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(CAN_COMPRESS)
        return cursor.fetchone()[0]


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0006_daily_counts'),
    ]

    operations = [
        migrations.RunPython(keep_by_columns, keep_by_rows),
    ]
