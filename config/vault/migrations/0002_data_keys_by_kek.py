from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("vault", "0001_data_keys")]

    operations = [
        migrations.AlterModelOptions(
            name="datakey",
            options={"verbose_name": "data key", "verbose_name_plural": "data keys"},
        ),
        AddIndexConcurrently(
            model_name="datakey",
            index=models.Index(
                condition=models.Q(("destroyed_at__isnull", True)),
                fields=["provider", "kek_id", "kek_version"],
                name="data_key_by_kek",
            ),
        ),
    ]
