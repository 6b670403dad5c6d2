"""The index is built while the service runs: no transaction, no long lock."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('authz', '0006_stamps_tell_their_transaction'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='stamp',
            index=models.Index(fields=['changed_in'], name='stamp_by_transaction'),
        ),
    ]
