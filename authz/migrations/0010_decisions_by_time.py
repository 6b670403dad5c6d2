"""The dashboard's charts read an index instead of the rows. Built while the service runs: no transaction, no long lock."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('authz', '0009_policy_trials'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='decisionrecord',
            index=models.Index(fields=['decided_at'], include=['allowed'], name='decision_by_time'),
        ),
        RemoveIndexConcurrently(model_name='decisionrecord', name='decision_decided'),
    ]
