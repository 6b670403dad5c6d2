from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MfaConfig(AppConfig):
    name = "mfa"
    verbose_name = _("Second factors")

    def ready(self) -> None:
        from config.jobs.schedule import periodic  # noqa: PLC0415 - models are ready now
        from mfa import privacy  # noqa: PLC0415

        periodic(
            "Forget unanswered passkey challenges",
            "mfa.tasks.forget_expired_challenges",
            every=timedelta(hours=1),
            description="Deletes what authenticators were asked and nobody answered in time.",
        )
        periodic(
            "Close resets that nobody approved",
            "mfa.tasks.close_expired_resets",
            every=timedelta(minutes=10),
            description="Notes the end of requests to reset second factors that ran out.",
        )
        privacy.declare()
