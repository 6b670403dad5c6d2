from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models

# The release before knows no such token.
GIVE_BACK = "DELETE FROM accounts_singleusetoken WHERE purpose = 'reopening'"


class Migration(migrations.Migration):
    """The table of people stays writable: the index is built beside the traffic, the constraint checked without a lock."""

    atomic = False

    dependencies = [
        ("accounts", "0005_api_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="erasure_due_at",
            field=models.DateTimeField(blank=True, help_text="Set while a person's own closing of the account can be taken back.", null=True, verbose_name="erased from"),
        ),
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(condition=models.Q(("erasure_due_at__isnull", False)), fields=["erasure_due_at"], name="user_to_be_erased"),
        ),
        AddConstraintNotValid(
            model_name="user",
            constraint=models.CheckConstraint(condition=models.Q(("erasure_due_at", None), ("status__in", ["deactivated", "erased"]), _connector="OR"), name="user_erasure_due_only_when_closed"),
        ),
        ValidateConstraint(model_name="user", name="user_erasure_due_only_when_closed"),
        migrations.RemoveConstraint(
            model_name="singleusetoken",
            name="single_use_token_purpose_known",
        ),
        migrations.AlterField(
            model_name="singleusetoken",
            name="purpose",
            field=models.CharField(choices=[("email_verification", "Email Verification"), ("password_reset", "Password Reset"), ("second_factor", "Second Factor"), ("console_sign_in", "Console Sign In"), ("reopening", "Reopening")], max_length=24),
        ),
        migrations.AddConstraint(
            model_name="singleusetoken",
            constraint=models.CheckConstraint(condition=models.Q(("purpose__in", ["email_verification", "password_reset", "second_factor", "console_sign_in", "reopening"])), name="single_use_token_purpose_known"),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, GIVE_BACK),
    ]
