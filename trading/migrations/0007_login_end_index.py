"""Built and validated while the service runs: no transaction, no long lock."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('trading', '0006_ends_of_logins'),
    ]

    operations = [
        ValidateConstraint(model_name='tradingaccount', name='account_broker_known'),
        AddIndexConcurrently(
            model_name='tradingaccount',
            index=models.Index(condition=models.Q(('reauth_by__isnull', False)), fields=['reauth_by'], name='account_by_login_end'),
        ),
    ]
