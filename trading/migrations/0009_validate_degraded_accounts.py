from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('trading', '0008_degraded_accounts'),
    ]

    operations = [
        ValidateConstraint(model_name='tradingaccount', name='account_status_known'),
        ValidateConstraint(model_name='tradingaccount', name='account_active_is_linked'),
    ]
