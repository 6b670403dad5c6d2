"""A person's rows and those of a type are narrowed by address and risk within their index, before any row is read.

The trail may have millions of rows and is written all the time. So each month gets its index beside the writers, and the
trail's own is made of them: PostgreSQL has no CONCURRENTLY for a partitioned table. TimescaleDB takes chunk by chunk.
"""

from django.db import migrations, models
from django.db.models import Q

NEWEST_FIRST = ['-occurred_at', '-event_id']
A_PERSON = Q(('subject_user_id', ''), _negated=True)
BEFORE = [
    models.Index(fields=['subject_user_id', *NEWEST_FIRST], condition=A_PERSON, name='authevent_by_user'),
    models.Index(fields=['event_type', *NEWEST_FIRST], name='authevent_by_type'),
]
AFTER = [
    models.Index(
        fields=['subject_user_id', *NEWEST_FIRST, 'ip', 'risk_score'], condition=A_PERSON, name='authevent_of_user'
    ),
    models.Index(fields=['event_type', *NEWEST_FIRST, 'risk_score'], name='authevent_of_type'),
]
IS_PARTITIONED = "SELECT relkind = 'p' FROM pg_class WHERE oid = 'audit_authevent'::regclass"
MONTHS = """
SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_authevent'::regclass ORDER BY 1
"""
ATTACHED = """
SELECT indrelid::regclass::text FROM pg_index JOIN pg_inherits ON inhrelid = indexrelid
WHERE inhparent = %s::regclass
"""


def widen(apps, schema_editor):
    _replace(apps, schema_editor, BEFORE, AFTER)


def narrow(apps, schema_editor):
    _replace(apps, schema_editor, AFTER, BEFORE)


def _replace(apps, schema_editor, old, new):
    model = apps.get_model('audit', 'AuthEvent')
    for index in new:
        make = _make_by_month if _asked(schema_editor, IS_PARTITIONED)[0][0] else _make_by_chunk
        make(schema_editor, str(index.create_sql(model, schema_editor)), index.name)
    for index in old:
        schema_editor.execute(f'DROP INDEX IF EXISTS {index.name}')


def _make_by_month(schema_editor, sql, name):
    """Can be begun again where it was interrupted: what is attached stays, what is half made is thrown away."""
    whole = sql.replace('CREATE INDEX', 'CREATE INDEX IF NOT EXISTS')
    schema_editor.execute(whole.replace(' ON ', ' ON ONLY ', 1))
    done = {month for (month,) in _asked(schema_editor, ATTACHED, [name])}
    for (month,) in _asked(schema_editor, MONTHS):
        if month in done:
            continue
        own = f'{month}_{name.removeprefix("authevent_")}'
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS {own}')
        schema_editor.execute(
            sql.replace(name, own, 1)
            .replace('CREATE INDEX', 'CREATE INDEX CONCURRENTLY')
            .replace('"audit_authevent"', month, 1)
        )
        schema_editor.execute(f'ALTER INDEX {name} ATTACH PARTITION {own}')


def _make_by_chunk(schema_editor, sql, name):
    where = ' WITH (timescaledb.transaction_per_chunk)'
    head, condition, rest = sql.partition(' WHERE ')
    schema_editor.execute(f'DROP INDEX IF EXISTS {name}')
    schema_editor.execute(f'{head}{where}{condition}{rest}')


def _asked(schema_editor, sql, parameters=None):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('audit', '0009_names_of_checkpoints'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(widen, narrow)],
            state_operations=[
                *(migrations.RemoveIndex(model_name='authevent', name=index.name) for index in BEFORE),
                *(migrations.AddIndex(model_name='authevent', index=index) for index in AFTER),
            ],
        ),
    ]
