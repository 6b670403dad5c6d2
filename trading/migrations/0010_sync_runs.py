import django.db.models.deletion
from django.db import migrations, models

import config.ids


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0001_job'),
        ('trading', '0009_validate_degraded_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='SyncRun',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('trigger', models.CharField(choices=[('request', 'somebody who uses the account'), ('staff', 'staff'), ('schedule', 'the clock'), ('command', 'a command')], max_length=16, verbose_name='asked for by')),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('lease_expires_at', models.DateTimeField(blank=True, null=True, verbose_name='held until')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('outcome', models.CharField(blank=True, choices=[('succeeded', 'succeeded'), ('unavailable', 'the broker did not answer'), ('throttled', 'the broker was too busy'), ('circuit_open', 'not asked: the broker was not answering anybody'), ('rate_limited', 'not asked: too many requests were waiting for this API key'), ('refused', 'the broker refused'), ('session_ended', 'the login at the broker had ended'), ('not_usable', 'the account could not be used'), ('vault_unavailable', 'the vault was away'), ('skipped', 'another sync of the account was under way'), ('abandoned', 'its worker died'), ('failed', 'something went wrong on our side')], max_length=24, verbose_name='outcome')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('changed', models.JSONField(blank=True, default=list, verbose_name='changed')),
            ],
            options={
                'verbose_name': 'sync',
                'verbose_name_plural': 'syncs',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='syncrun',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sync_runs', to='trading.tradingaccount', verbose_name='account'),
        ),
        migrations.AddField(
            model_name='syncrun',
            name='job',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job', verbose_name='job'),
        ),
        migrations.AddIndex(
            model_name='syncrun',
            index=models.Index(fields=['account', '-id'], name='sync_run_by_account'),
        ),
        migrations.AddIndex(
            model_name='syncrun',
            index=models.Index(fields=['job', 'outcome'], name='sync_run_by_job'),
        ),
        migrations.AddIndex(
            model_name='syncrun',
            index=models.Index(condition=models.Q(('ended_at', None), ('started_at', None)), fields=['due_at'], name='sync_run_queued'),
        ),
        migrations.AddIndex(
            model_name='syncrun',
            index=models.Index(fields=['created_at'], name='sync_run_by_age'),
        ),
        migrations.AddConstraint(
            model_name='syncrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_expires_at', None), ('started_at', None)), models.Q(('ended_at', None), ('lease_expires_at__isnull', False), ('started_at__isnull', False)), models.Q(('ended_at__isnull', False), ('lease_expires_at', None)), _connector='OR'), name='sync_run_held_while_running'),
        ),
        migrations.AddConstraint(
            model_name='syncrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ['succeeded', 'unavailable', 'throttled', 'circuit_open', 'rate_limited', 'refused', 'session_ended', 'not_usable', 'vault_unavailable', 'skipped', 'abandoned', 'failed'])), _connector='OR'), name='sync_run_outcome_when_ended'),
        ),
        migrations.AddConstraint(
            model_name='syncrun',
            constraint=models.CheckConstraint(condition=models.Q(('trigger__in', ['request', 'staff', 'schedule', 'command'])), name='sync_run_trigger_known'),
        ),
        migrations.AddConstraint(
            model_name='syncrun',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None), ('started_at__isnull', False)), fields=('account',), name='sync_run_one_running'),
        ),
    ]
