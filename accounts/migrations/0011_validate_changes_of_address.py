"""What 0010 asks of new rows holds for all of them: looked at while the service runs."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('accounts', '0010_changes_of_address'),
    ]

    operations = [
        ValidateConstraint(model_name='session', name='session_end_has_reason'),
        ValidateConstraint(model_name='singleusetoken', name='single_use_token_purpose_known'),
    ]
