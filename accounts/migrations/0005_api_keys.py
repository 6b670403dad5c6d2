import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.names
import config.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_signing_algorithms"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="name",
            field=models.CharField(max_length=150, validators=[accounts.names.validate_name], verbose_name="name"),
        ),
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("id", models.UUIDField(default=config.ids.new_uuid, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("digest", models.BinaryField(unique=True)),
                ("hint", models.CharField(editable=False, max_length=4, verbose_name="ends with")),
                ("scopes", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), size=None, verbose_name="scopes")),
                ("networks", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=43), blank=True, default=list, help_text="Where it may be used from; empty for anywhere.", size=None, verbose_name="networks")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("last_used_ip", models.GenericIPAddressField(blank=True, null=True, verbose_name="from")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
                ("revocation_reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="api_keys", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "API key",
                "verbose_name_plural": "API keys",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("scopes__len__gt", 0)), name="api_key_has_a_scope"),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="api_key_has_a_name"),
                    models.CheckConstraint(condition=models.Q(("expires_at__gt", models.F("created_at"))), name="api_key_expires_after_it_began"),
                    models.CheckConstraint(condition=models.Q(("revoked_at__isnull", False), ("revocation_reason", ""), _connector="OR"), name="api_key_reason_only_when_revoked"),
                ],
                "indexes": [
                    models.Index(condition=models.Q(("revoked_at", None)), fields=["user", "-id"], name="api_key_of_person"),
                ],
            },
        ),
    ]
