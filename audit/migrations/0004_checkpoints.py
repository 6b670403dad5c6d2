"""Signed checkpoints of the chains (ADR 0171), which are as append-only as the chains. Heads are made of what is there."""

import config.ids
import config.vault.fields
import django.db.models.deletion
from django.db import migrations, models


HEADS = """
INSERT INTO audit_chainhead (day, shard, position, chain_hash, told)
SELECT DISTINCT ON (day, shard) day, shard, position, chain_hash, 0
  FROM audit_chainlink ORDER BY day, shard, position DESC;
"""

KEEP_CHECKPOINTS = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_auditcheckpoint
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_checkpoint_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_auditcheckpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_checkpoint_change();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_checkpointspan
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_checkpoint_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_checkpointspan
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_checkpoint_change();
"""

REFUSE = """
CREATE FUNCTION audit_refuse_checkpoint_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'checkpoints of the audit trail are append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
"""

LET_GO = """
DROP TRIGGER audit_append_only ON audit_auditcheckpoint;
DROP TRIGGER audit_no_truncate ON audit_auditcheckpoint;
DROP TRIGGER audit_append_only ON audit_checkpointspan;
DROP TRIGGER audit_no_truncate ON audit_checkpointspan;
DROP FUNCTION audit_refuse_checkpoint_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_chain'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditCheckpoint',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveBigIntegerField(unique=True, verbose_name='number')),
                ('kid', models.CharField(max_length=43, verbose_name='key id')),
                ('rows', models.BigIntegerField(verbose_name='rows')),
                ('statement', models.TextField(verbose_name='statement')),
                ('signature', models.BinaryField(verbose_name='signature')),
            ],
            options={
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='ChainHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('shard', models.SmallIntegerField(verbose_name='shard')),
                ('position', models.BigIntegerField(verbose_name='position')),
                ('chain_hash', models.BinaryField(verbose_name='hash of the chain')),
                ('told', models.BigIntegerField(default=0, verbose_name='told up to')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('told__lt', models.F('position'))), fields=['day', 'shard'], name='chain_head_untold')],
                'constraints': [models.UniqueConstraint(fields=('day', 'shard'), name='chain_head_one_per_chain'), models.CheckConstraint(condition=models.Q(('told__lte', models.F('position'))), name='chain_head_tells_what_there_is')],
            },
        ),
        migrations.CreateModel(
            name='CheckpointKey',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('kid', models.CharField(editable=False, max_length=43, unique=True, verbose_name='key id')),
                ('public_jwk', models.JSONField(editable=False, verbose_name='public key')),
                ('sealed_private_key', config.vault.fields.SealedField(null=True)),
                ('retired_at', models.DateTimeField(editable=False, null=True, verbose_name='retired')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('retired_at', None)), name='checkpoint_key_one_active'), models.CheckConstraint(condition=models.Q(models.Q(('retired_at__isnull', True), ('sealed_private_key__isnull', False)), models.Q(('retired_at__isnull', False), ('sealed_private_key__isnull', True)), _connector='OR'), name='checkpoint_key_private_half_while_it_signs')],
            },
        ),
        migrations.CreateModel(
            name='CheckpointSpan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('shard', models.SmallIntegerField(verbose_name='shard')),
                ('first', models.BigIntegerField(verbose_name='first place')),
                ('last', models.BigIntegerField(verbose_name='last place')),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spans', to='audit.auditcheckpoint')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'shard', 'first'), name='checkpoint_span_one_per_place'), models.CheckConstraint(condition=models.Q(('last__gte', models.F('first'))), name='checkpoint_span_in_order')],
            },
        ),
        migrations.RunSQL(HEADS, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSE + KEEP_CHECKPOINTS, LET_GO),
    ]
