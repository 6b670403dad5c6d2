from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


def give_back(apps, schema_editor):
    """Before there was `degraded`, such accounts were active."""
    accounts = apps.get_model('trading', 'TradingAccount').objects
    accounts.filter(status='degraded').update(status='active')


class Migration(migrations.Migration):
    """Accounts may be degraded. The rows that are there fit already; the next migration looks at them without holding up
    anybody."""

    dependencies = [
        ('trading', '0007_login_end_index'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='tradingaccount',
            name='account_status_known',
        ),
        migrations.RemoveConstraint(
            model_name='tradingaccount',
            name='account_active_is_linked',
        ),
        migrations.AlterField(
            model_name='tradingaccount',
            name='status',
            field=models.CharField(choices=[('pending_login', 'waiting for the first login'), ('active', 'active'), ('degraded', 'active, but the broker does not answer'), ('reauth_required', 'login needed'), ('invalid', 'credentials refused'), ('suspended', 'suspended'), ('disconnecting', 'being unlinked'), ('unlinked', 'unlinked')], default='pending_login', max_length=24, verbose_name='status'),
        ),
        AddConstraintNotValid(
            model_name='tradingaccount',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending_login', 'active', 'degraded', 'reauth_required', 'invalid', 'suspended', 'disconnecting', 'unlinked'])), name='account_status_known'),
        ),
        AddConstraintNotValid(
            model_name='tradingaccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('active', 'degraded')), _negated=True), models.Q(('broker_user_hash__isnull', False), ('linked_at__isnull', False), ('reauth_by__isnull', False)), _connector='OR'), name='account_active_is_linked'),
        ),
        migrations.RunPython(migrations.RunPython.noop, give_back),
    ]
