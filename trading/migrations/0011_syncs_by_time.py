"""The dashboard's charts read an index instead of the rows. Built while the service runs: no transaction, no long lock."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('trading', '0010_sync_runs'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='syncrun',
            index=models.Index(fields=['created_at'], include=['outcome'], name='sync_run_by_time'),
        ),
        RemoveIndexConcurrently(model_name='syncrun', name='sync_run_by_age'),
    ]
