from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

METHODS = ["password", "passkey", "console_link", "google", "federated"]
PURPOSES = ["email_verification", "password_reset", "second_factor", "console_sign_in", "reopening", "handoff"]

# The release before knows no such sign-in: whoever came in by one signs in again.
GIVE_BACK = """
DELETE FROM accounts_refreshfamily WHERE session_id IN (
    SELECT id FROM accounts_session WHERE method IN ('google', 'federated'));
DELETE FROM accounts_session WHERE method IN ('google', 'federated');
DELETE FROM accounts_singleusetoken WHERE purpose = 'handoff';
"""


class Migration(migrations.Migration):
    atomic = False  # the rows are looked through without a lock that sign-ins would wait for

    dependencies = [
        ("accounts", "0006_ways_to_sign_in"),
    ]

    operations = [
        migrations.AlterField(
            model_name="session",
            name="method",
            field=models.CharField(
                choices=[
                    ("password", "password"),
                    ("passkey", "passkey"),
                    ("console_link", "one-time link into the console"),
                    ("google", "Google"),
                    ("federated", "another sign-in provider"),
                ],
                max_length=16,
                verbose_name="method",
            ),
        ),
        migrations.AlterField(
            model_name="singleusetoken",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("email_verification", "Email Verification"),
                    ("password_reset", "Password Reset"),
                    ("second_factor", "Second Factor"),
                    ("console_sign_in", "Console Sign In"),
                    ("reopening", "Reopening"),
                    ("handoff", "Handoff"),
                ],
                max_length=24,
            ),
        ),
        migrations.RemoveConstraint(model_name="session", name="session_method_known"),
        AddConstraintNotValid(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", METHODS)), name="session_method_known"
            ),
        ),
        ValidateConstraint(model_name="session", name="session_method_known"),
        migrations.RemoveConstraint(
            model_name="singleusetoken", name="single_use_token_purpose_known"
        ),
        AddConstraintNotValid(
            model_name="singleusetoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", PURPOSES)),
                name="single_use_token_purpose_known",
            ),
        ),
        ValidateConstraint(
            model_name="singleusetoken", name="single_use_token_purpose_known"
        ),
        migrations.RunSQL(migrations.RunSQL.noop, GIVE_BACK),
    ]
