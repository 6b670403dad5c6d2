from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('trading', '0005_validate_session_ends'),
    ]

    operations = [
        migrations.AddField(
            model_name='tradingaccount',
            name='login_warned_for',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
