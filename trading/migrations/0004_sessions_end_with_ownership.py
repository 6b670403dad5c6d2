from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


def give_back(apps, schema_editor):
    """The release before knows no such end. The next that the account wanted was a login in its place; whose, the
    audit trail has."""
    sessions = apps.get_model('trading', 'BrokerSession').objects
    sessions.filter(end_reason='transferred').update(end_reason='replaced')


class Migration(migrations.Migration):
    """A session may end because the account has another owner. The rows that are there fit already; the next migration
    looks at them without holding up anybody."""

    dependencies = [
        ('trading', '0003_ownership_transfers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='brokersession',
            name='broker_session_fields_fit',
        ),
        migrations.AlterField(
            model_name='brokersession',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('replaced', 'a later login took its place'), ('expired', 'its day is over'), ('refused', 'the broker does not know it any more'), ('suspended', 'the account was suspended'), ('transferred', 'the account has another owner'), ('unlinked', 'the account was unlinked')], max_length=16, verbose_name='ended because'),
        ),
        AddConstraintNotValid(
            model_name='brokersession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('access_token__isnull', False), ('end_reason', ''), ('ended_at__isnull', True)), models.Q(('access_token__isnull', True), ('end_reason__in', ['replaced', 'expired', 'refused', 'suspended', 'transferred', 'unlinked']), ('ended_at__isnull', False)), _connector='OR'), name='broker_session_fields_fit'),
        ),
        migrations.RunPython(migrations.RunPython.noop, give_back),
    ]
