from django.db import migrations, models

from config.reversals import RefuseToReverse

# Of a key whose tokens have expired nothing is asked any more.
GIVE_BACK = "DELETE FROM accounts_signingkey WHERE algorithm <> 'RS256' AND state IN ('retired', 'revoked')"


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
        # Backwards from here on: first the refusal, then what may go.
        migrations.RunSQL(migrations.RunSQL.noop, GIVE_BACK),
        RefuseToReverse(
            counting="SELECT count(*) FROM accounts_signingkey"
            " WHERE algorithm <> 'RS256' AND state IN ('next', 'active', 'retiring')",
            sentence="{count} signing keys are not RS256, and the release before knows no other algorithm. First set "
            "SIGNING_ALGORITHM=RS256, wait for JWKS_MAX_AGE, run manage.py signing_keys rotate, and wait until those keys "
            "have retired: manage.py signing_keys list tells.",
        ),
    ]
