"""Chains of hashes over the trail (ADR 0170): a queue that a trigger fills, and the links, which are as append-only as
the trail itself. Rows that are there already are queued, oldest first.
"""

import config.ids
from django.db import migrations, models


QUEUE = """
CREATE FUNCTION audit_queue_for_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unchainedevent (event_id, occurred_at, shard)
    VALUES (NEW.event_id, NEW.occurred_at, get_byte(uuid_send(NEW.event_id), 15) & 3);
    RETURN NULL;
END
$$;

CREATE TRIGGER audit_queue_for_chain AFTER INSERT ON audit_authevent
    FOR EACH ROW EXECUTE FUNCTION audit_queue_for_chain();

INSERT INTO audit_unchainedevent (event_id, occurred_at, shard)
SELECT event_id, occurred_at, get_byte(uuid_send(event_id), 15) & 3 FROM audit_authevent ORDER BY occurred_at, event_id;
"""

UNQUEUE = """
DROP TRIGGER audit_queue_for_chain ON audit_authevent;
DROP FUNCTION audit_queue_for_chain();
"""

# Of a row, the personal fields can be blanked, for the person whom the transaction names, and nothing else.
FORGETTING = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person text := current_setting('audit.forgetting', true);
    personal text[] := ARRAY[
        'ip', 'country', 'asn', 'device_fingerprint', 'user_agent', 'risk_signals', 'metadata'];
BEGIN
    IF TG_OP = 'UPDATE' AND person <> '' THEN
        IF person IN (OLD.subject_user_id, OLD.actor_id)
            AND to_jsonb(NEW) - personal = to_jsonb(OLD) - personal
            AND NEW.ip IS NULL AND NEW.asn IS NULL
            AND (NEW.country, NEW.device_fingerprint, NEW.user_agent) = ('', '', '')
            AND NEW.risk_signals = '[]' AND NEW.metadata = '{}'
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
"""

NO_FORGETTING = """
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
"""

# Links of a month go when its rows have gone.
KEEP_LINKS = """
CREATE FUNCTION audit_refuse_link_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.salt IS NULL AND to_jsonb(NEW) - 'salt' = to_jsonb(OLD) - 'salt' THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM audit_authevent
                        WHERE event_id = OLD.event_id AND occurred_at = OLD.occurred_at) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the chain of the audit trail is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_chainlink
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_link_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_chainlink
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_link_change();
"""

FORGET_LINKS = """
DROP TRIGGER audit_append_only ON audit_chainlink;
DROP TRIGGER audit_no_truncate ON audit_chainlink;
DROP FUNCTION audit_refuse_link_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_network_of_the_address'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditVerification',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(null=True, verbose_name='from')),
                ('until', models.DateField(null=True, verbose_name='to')),
                ('rows', models.BigIntegerField(verbose_name='rows')),
                ('findings', models.BigIntegerField(verbose_name='findings')),
                ('finished_at', models.DateTimeField(verbose_name='finished')),
            ],
            options={
                'ordering': ['-finished_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('since__isnull', True), ('until__isnull', True), ('since__lte', models.F('until')), _connector='OR'), name='audit_verification_span_in_order')],
            },
        ),
        migrations.CreateModel(
            name='ChainLink',
            fields=[
                ('event_id', models.UUIDField(primary_key=True, serialize=False, verbose_name='event')),
                ('occurred_at', models.DateTimeField(verbose_name='time')),
                ('day', models.DateField(verbose_name='day')),
                ('shard', models.SmallIntegerField(verbose_name='shard')),
                ('position', models.BigIntegerField(verbose_name='position')),
                ('salt', models.BinaryField(null=True, verbose_name='salt')),
                ('commitment', models.BinaryField(verbose_name='commitment')),
                ('row_hash', models.BinaryField(verbose_name='hash of the row')),
                ('chain_hash', models.BinaryField(verbose_name='hash of the chain')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'shard', 'position'), name='chain_link_one_per_place'), models.CheckConstraint(condition=models.Q(('shard__range', (0, 3)), ('position__gte', 1)), name='chain_link_place_in_range')],
            },
        ),
        migrations.CreateModel(
            name='UnchainedEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('event_id', models.UUIDField(verbose_name='event')),
                ('occurred_at', models.DateTimeField(verbose_name='time')),
                ('shard', models.SmallIntegerField(verbose_name='shard')),
            ],
            options={
                'indexes': [models.Index(fields=['shard', 'id'], name='unchained_by_shard')],
            },
        ),
        migrations.RunSQL(QUEUE, UNQUEUE),
        migrations.RunSQL(FORGETTING, NO_FORGETTING),
        migrations.RunSQL(KEEP_LINKS, FORGET_LINKS),
    ]
