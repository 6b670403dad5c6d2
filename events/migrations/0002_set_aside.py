from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    """The outbox stays writable: the index is built beside the traffic, the constraint checked without a lock."""

    atomic = False

    dependencies = [
        ("events", "0001_outbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboxevent",
            name="set_aside_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="set aside"),
        ),
        AddIndexConcurrently(
            model_name="outboxevent",
            index=models.Index(condition=models.Q(("set_aside_at__isnull", False)), fields=["set_aside_at"], name="outbox_set_aside"),
        ),
        AddConstraintNotValid(
            model_name="outboxevent",
            constraint=models.CheckConstraint(condition=models.Q(("sent_at__isnull", True), ("set_aside_at__isnull", True), _connector="OR"), name="outbox_sent_or_set_aside"),
        ),
        ValidateConstraint(model_name="outboxevent", name="outbox_sent_or_set_aside"),
    ]
