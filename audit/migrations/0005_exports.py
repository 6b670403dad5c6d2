"""Exports of the trail (ADR 0172)."""

import config.ids
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0004_checkpoints'),
        ('jobs', '0001_job'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExportJob',
            fields=[
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('id', models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ('format', models.CharField(choices=[('json', 'JSON'), ('jsonl', 'JSON, an object a line'), ('csv', 'CSV'), ('ocsf', 'OCSF, an object a line')], max_length=8, verbose_name='format')),
                ('question', models.JSONField(default=dict, verbose_name='filter')),
                ('before', models.DateTimeField(verbose_name='rows before')),
                ('rows', models.BigIntegerField(default=0, verbose_name='rows')),
                ('parts', models.IntegerField(default=0, verbose_name='parts')),
                ('position_time', models.DateTimeField(null=True, verbose_name='written up to')),
                ('position_event', models.UUIDField(null=True, verbose_name='written up to event')),
                ('expires_at', models.DateTimeField(null=True, verbose_name='link good until')),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='audit_export', to='jobs.job')),
            ],
            options={
                'verbose_name': 'export of the trail',
                'verbose_name_plural': 'exports of the trail',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ExportPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.IntegerField(verbose_name='number')),
                ('content', models.BinaryField(verbose_name='content')),
                ('export', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contents', to='audit.exportjob')),
            ],
        ),
        migrations.AddConstraint(
            model_name='exportjob',
            constraint=models.CheckConstraint(condition=models.Q(('format__in', ['json', 'jsonl', 'csv', 'ocsf'])), name='export_job_format_known'),
        ),
        migrations.AddConstraint(
            model_name='exportjob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('position_event__isnull', True), ('position_time__isnull', True)), models.Q(('position_event__isnull', False), ('position_time__isnull', False)), _connector='OR'), name='export_job_position_whole'),
        ),
        migrations.AddConstraint(
            model_name='exportpart',
            constraint=models.UniqueConstraint(fields=('export', 'number'), name='export_part_once'),
        ),
    ]
