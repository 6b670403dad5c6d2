"""Rows of the trail counted by day (ADR 0193). Those that are chained already are counted here, while nothing is chained."""

from django.db import migrations, models

from config.locking import alone

SHARDS = 4

COUNT = """
INSERT INTO audit_dailycount (day, event_type, outcome, shard, events)
SELECT link.day, event.event_type, event.outcome, link.shard, count(*)
  FROM audit_chainlink link
  JOIN audit_authevent event ON event.event_id = link.event_id AND event.occurred_at = link.occurred_at
 GROUP BY 1, 2, 3, 4
"""


def count_what_is_chained(apps, schema_editor):
    for shard in range(SHARDS):
        alone("audit.chain", str(shard))
    schema_editor.execute(COUNT)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_exports'),
    ]

    operations = [
        migrations.CreateModel(
            name='DailyCount',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('day', models.DateField(verbose_name='day')),
                ('event_type', models.CharField(max_length=64, verbose_name='type')),
                ('outcome', models.CharField(choices=[('success', 'success'), ('failure', 'failure')], max_length=16, verbose_name='outcome')),
                ('shard', models.SmallIntegerField(verbose_name='shard')),
                ('events', models.BigIntegerField(verbose_name='events')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'event_type', 'outcome', 'shard'), name='audit_daily_count_once'), models.CheckConstraint(condition=models.Q(('events__gte', 1), ('shard__range', (0, 3))), name='audit_daily_count_of_something')],
            },
        ),
        migrations.RunPython(count_what_is_chained, migrations.RunPython.noop),
    ]
