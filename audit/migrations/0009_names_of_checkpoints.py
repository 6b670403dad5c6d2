"""What people call them; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0008_saved_searches'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='auditcheckpoint',
            options={'ordering': ['-number'], 'verbose_name': 'checkpoint', 'verbose_name_plural': 'checkpoints'},
        ),
        migrations.AlterModelOptions(
            name='auditverification',
            options={'ordering': ['-finished_at'], 'verbose_name': 'verification', 'verbose_name_plural': 'verifications'},
        ),
    ]
