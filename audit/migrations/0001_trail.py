"""The trail: partitioned by month, and append-only (ADR 0042, 0043).

The months themselves are made by `audit.services.partitions` after every migrate, and ahead of time by beat. Where the
database has TimescaleDB, the trail is a hypertable instead, whose chunks make themselves (ADR 0192).
"""

import config.ids
from django.db import migrations, models

# The primary key must hold the partition key. `event_id` alone is unique all the same: a UUIDv7 is given once.
CREATE_TABLE = """
CREATE TABLE audit_authevent (
    event_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_type varchar(64) NOT NULL,
    outcome varchar(16) NOT NULL,
    actor_type varchar(16) NOT NULL,
    actor_id varchar(128) NOT NULL,
    subject_user_id varchar(64) NOT NULL,
    session_id varchar(64) NOT NULL,
    client_id varchar(128) NOT NULL,
    ip inet,
    country varchar(2) NOT NULL,
    device_fingerprint varchar(128) NOT NULL,
    user_agent varchar(512) NOT NULL,
    risk_score smallint,
    risk_signals jsonb NOT NULL,
    request_id varchar(128) NOT NULL,
    metadata jsonb NOT NULL,
    PRIMARY KEY (event_id, occurred_at)
)
"""

BY_MONTH = "PARTITION BY RANGE (occurred_at)"
BY_CHUNK = """
SELECT create_hypertable('audit_authevent', by_range('occurred_at', interval '7 days'), create_default_indexes => false)
"""

HAS_TIMESCALEDB = "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb')"

# The row triggers are cloned to every partition; TRUNCATE is a statement, so each partition gets its own trigger.
REFUSE_CHANGES = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_authevent
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_authevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

DEFAULT_PARTITION = """
CREATE TABLE audit_authevent_default PARTITION OF audit_authevent DEFAULT;
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_authevent_default
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

ALLOW_CHANGES = """
DROP TABLE IF EXISTS audit_authevent_default;
DROP FUNCTION audit_refuse_change() CASCADE;
"""


def create_trail(apps, schema_editor):
    if _has_timescaledb(schema_editor):
        schema_editor.execute(CREATE_TABLE)
        schema_editor.execute(BY_CHUNK)
    else:
        schema_editor.execute(CREATE_TABLE + BY_MONTH)


def drop_trail(apps, schema_editor):
    schema_editor.execute("DROP TABLE audit_authevent")


def create_default_partition(apps, schema_editor):
    """Not for a hypertable: it makes room for every row by itself."""
    if not _has_timescaledb(schema_editor):
        schema_editor.execute(DEFAULT_PARTITION)


def _has_timescaledb(schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAS_TIMESCALEDB)
        return cursor.fetchone()[0]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(create_trail, drop_trail),
            ],
            state_operations=[
                migrations.CreateModel(
                    name='AuthEvent',
                    fields=[
                        ('event_id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                        ('occurred_at', models.DateTimeField(verbose_name='time')),
                        ('event_type', models.CharField(max_length=64, verbose_name='type')),
                        ('outcome', models.CharField(choices=[('success', 'success'), ('failure', 'failure')], max_length=16, verbose_name='outcome')),
                        ('actor_type', models.CharField(choices=[('user', 'user'), ('service', 'service'), ('system', 'system'), ('anonymous', 'anonymous')], max_length=16, verbose_name='actor')),
                        ('actor_id', models.CharField(blank=True, max_length=128, verbose_name='actor id')),
                        ('subject_user_id', models.CharField(blank=True, max_length=64, verbose_name='person')),
                        ('session_id', models.CharField(blank=True, max_length=64, verbose_name='session')),
                        ('client_id', models.CharField(blank=True, max_length=128, verbose_name='client')),
                        ('ip', models.GenericIPAddressField(blank=True, null=True, verbose_name='IP address')),
                        ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                        ('device_fingerprint', models.CharField(blank=True, max_length=128, verbose_name='device')),
                        ('user_agent', models.CharField(blank=True, max_length=512, verbose_name='user agent')),
                        ('risk_score', models.SmallIntegerField(blank=True, null=True, verbose_name='risk')),
                        ('risk_signals', models.JSONField(blank=True, default=list, verbose_name='risk signals')),
                        ('request_id', models.CharField(blank=True, max_length=128, verbose_name='request')),
                        ('metadata', models.JSONField(blank=True, default=dict, verbose_name='details')),
                    ],
                    options={
                        'verbose_name': 'audit event',
                        'verbose_name_plural': 'audit trail',
                    },
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='authevent',
            index=models.Index(fields=['-occurred_at', '-event_id'], name='authevent_by_time'),
        ),
        migrations.AddIndex(
            model_name='authevent',
            index=models.Index(condition=models.Q(('subject_user_id', ''), _negated=True), fields=['subject_user_id', '-occurred_at', '-event_id'], name='authevent_by_user'),
        ),
        migrations.AddIndex(
            model_name='authevent',
            index=models.Index(fields=['event_type', '-occurred_at', '-event_id'], name='authevent_by_type'),
        ),
        migrations.AddIndex(
            model_name='authevent',
            index=models.Index(condition=models.Q(('ip__isnull', False)), fields=['ip', '-occurred_at', '-event_id'], name='authevent_by_ip'),
        ),
        migrations.AddIndex(
            model_name='authevent',
            index=models.Index(condition=models.Q(('session_id', ''), _negated=True), fields=['session_id', '-occurred_at', '-event_id'], name='authevent_by_session'),
        ),
        migrations.AddIndex(
            model_name='authevent',
            index=models.Index(condition=models.Q(('risk_score__gte', 30)), fields=['-occurred_at', '-event_id', 'risk_score'], name='authevent_by_risk'),
        ),
        migrations.AddIndex(
            model_name='authevent',
            index=models.Index(condition=models.Q(('outcome', 'failure')), fields=['-occurred_at', '-event_id'], name='authevent_failures'),
        ),
        migrations.AddConstraint(
            model_name='authevent',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['success', 'failure'])), name='authevent_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='authevent',
            constraint=models.CheckConstraint(condition=models.Q(('actor_type__in', ['user', 'service', 'system', 'anonymous'])), name='authevent_actor_type_known'),
        ),
        migrations.AddConstraint(
            model_name='authevent',
            constraint=models.CheckConstraint(condition=models.Q(('event_type__regex', '^[a-z_]+(\\.[a-z_]+)+$')), name='authevent_type_shape'),
        ),
        migrations.AddConstraint(
            model_name='authevent',
            constraint=models.CheckConstraint(condition=models.Q(('risk_score__isnull', True), ('risk_score__range', (0, 100)), _connector='OR'), name='authevent_risk_score_range'),
        ),
        migrations.RunSQL(REFUSE_CHANGES, ALLOW_CHANGES),
        migrations.RunPython(create_default_partition, migrations.RunPython.noop),
    ]
