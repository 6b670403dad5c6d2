from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "audit.privacy"
    label = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from audit.privacy import lower_floors, own  # noqa: PLC0415 - models are ready now
        from config.jobs.schedule import periodic  # noqa: PLC0415

        periodic(
            "Delete archives past their time",
            "audit.privacy.tasks.forget_spent_archives",
            every=timedelta(hours=1),
            description="Deletes archives of people's data that can be fetched no longer, and what is left of others.",
        )
        lower_floors.declare()
        own.declare()
