from django.db import migrations

from authz.models.stamp import CurrentTransactionId, TransactionId


class Migration(migrations.Migration):

    dependencies = [
        ('authz', '0005_entities'),
    ]

    operations = [
        migrations.AddField(
            model_name='stamp',
            name='changed_in',
            field=TransactionId(db_default=CurrentTransactionId(), editable=False),
        ),
    ]
