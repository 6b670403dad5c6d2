"""Indexes that are built, and constraints that are validated, while the service runs: no transaction, no long lock."""

from django.contrib.postgres.operations import (
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('accounts', '0008_risk_and_places'),
    ]

    operations = [
        ValidateConstraint(model_name='session', name='session_end_has_reason'),
        ValidateConstraint(model_name='session', name='session_risk_score_range'),
        ValidateConstraint(model_name='singleusetoken', name='single_use_token_purpose_known'),
        AddIndexConcurrently(
            model_name='session',
            index=models.Index(fields=['user', '-id'], name='session_by_user'),
        ),
        AddIndexConcurrently(
            model_name='session',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['idle_expires_at'], name='session_live_by_end'),
        ),
        AddIndexConcurrently(
            model_name='session',
            index=models.Index(condition=models.Q(('risk_score__gte', 30)), fields=['-id', 'risk_score'], name='session_by_risk'),
        ),
        RemoveIndexConcurrently(model_name='session', name='session_live_by_expiry'),
    ]
