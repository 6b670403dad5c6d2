from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ('trading', '0004_sessions_end_with_ownership'),
    ]

    operations = [
        ValidateConstraint(model_name='brokersession', name='broker_session_fields_fit'),
    ]
