from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_sessions_and_tokens"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="signingkey",
            name="signing_key_algorithm_known",
        ),
        migrations.AlterField(
            model_name="signingkey",
            name="algorithm",
            field=models.CharField(choices=[("RS256", "RS256"), ("ES256", "ES256"), ("EdDSA", "EdDSA")], editable=False, max_length=8, verbose_name="algorithm"),
        ),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.CheckConstraint(condition=models.Q(("algorithm__in", ["RS256", "ES256", "EdDSA"])), name="signing_key_algorithm_known"),
        ),
    ]
