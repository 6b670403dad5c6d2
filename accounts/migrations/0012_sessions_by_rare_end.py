"""The rare ends of sessions are found by an index, which is built while the service runs."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('accounts', '0011_validate_changes_of_address'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='session',
            index=models.Index(condition=models.Q(('end_reason__in', ('', 'logout', 'idle', 'expired')), _negated=True), fields=['end_reason', '-id'], name='session_by_rare_end'),
        ),
    ]
