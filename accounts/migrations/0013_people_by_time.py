"""Newcomers are counted by an index, which is built while the service runs."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('accounts', '0012_sessions_by_rare_end'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='user',
            index=models.Index(fields=['created_at'], include=('status',), name='user_by_time'),
        ),
    ]
