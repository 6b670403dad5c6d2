from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "config.vault"
    label = "vault"
    verbose_name = _("Vault")

    def ready(self) -> None:
        from config.http.idempotency import keep_answers_in  # noqa: PLC0415 - apps are loaded now
        from config.telemetry.health import register_probe  # noqa: PLC0415
        from config.telemetry.metrics import register_facts  # noqa: PLC0415
        from config.vault import answers, checks, facts, health  # noqa: PLC0415

        checks.refuse_unsafe_key()
        keep_answers_in(answers.SealedAnswers())
        register_probe("vault", health.round_trip)
        register_facts(facts.vault_facts)
