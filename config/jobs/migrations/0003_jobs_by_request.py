"""An index that is built while the service runs: what a request began is found by its id."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('jobs', '0002_scheduled_runs'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='job',
            index=models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id'], name='job_by_request'),
        ),
    ]
