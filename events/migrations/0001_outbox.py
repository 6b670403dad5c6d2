"""The outbox, and the numbers that the database gives its rows at commit (ADR 0040)."""

import config.ids
from django.db import migrations, models

# The first call in a transaction serves all of its rows: it takes the locks of all aggregates in one order, so that
# two commits cannot wait for one another, and only then takes numbers. Rows of others are invisible until they have
# theirs, so "no number yet" means "written here".
GIVE_SEQUENCES = """
CREATE SEQUENCE events_sequence AS bigint;

CREATE FUNCTION events_give_sequences() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM events_outboxevent WHERE id = NEW.id AND sequence IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    PERFORM pg_advisory_xact_lock(hashtext('events.aggregate'), touched.aggregate)
       FROM (SELECT DISTINCT hashtext(aggregate_type || ':' || aggregate_id) AS aggregate
               FROM events_outboxevent WHERE sequence IS NULL ORDER BY aggregate) AS touched;

    UPDATE events_outboxevent AS outbox
       SET sequence = given.number
      FROM (SELECT id, nextval('events_sequence') AS number
              FROM (SELECT id FROM events_outboxevent WHERE sequence IS NULL ORDER BY id) AS written) AS given
     WHERE outbox.id = given.id;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER events_give_sequences
    AFTER INSERT ON events_outboxevent DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION events_give_sequences();
"""

FORGET_SEQUENCES = """
DROP TRIGGER events_give_sequences ON events_outboxevent;
DROP FUNCTION events_give_sequences();
DROP SEQUENCE events_sequence;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='OutboxEvent',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('event_type', models.CharField(help_text='With its version: user.created.v1', max_length=100, verbose_name='type')),
                ('channel', models.CharField(max_length=100, verbose_name='channel')),
                ('aggregate_type', models.CharField(max_length=50, verbose_name='aggregate')),
                ('aggregate_id', models.CharField(max_length=100, verbose_name='aggregate id')),
                ('sequence', models.BigIntegerField(editable=False, null=True, verbose_name='sequence')),
                ('data', models.JSONField(verbose_name='data')),
                ('traceparent', models.CharField(blank=True, max_length=55, verbose_name='trace')),
                ('request_id', models.CharField(blank=True, max_length=128, verbose_name='request')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('attempts', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='last error')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'outbox',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['sequence'], name='outbox_pending'), models.Index(condition=models.Q(('sequence__isnull', True)), fields=['id'], name='outbox_unsequenced'), models.Index(fields=['aggregate_id', 'sequence'], name='outbox_by_aggregate'), models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['sent_at'], name='outbox_sent')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('event_type', ''), _negated=True), models.Q(('channel', ''), _negated=True), models.Q(('aggregate_type', ''), _negated=True), models.Q(('aggregate_id', ''), _negated=True)), name='outbox_event_is_addressed'), models.CheckConstraint(condition=models.Q(('sent_at__isnull', True), ('sequence__isnull', False), _connector='OR'), name='outbox_sent_in_sequence')],
            },
        ),
        migrations.RunSQL(GIVE_SEQUENCES, FORGET_SEQUENCES),
    ]
