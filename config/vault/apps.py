from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "config.vault"
    label = "vault"

    def ready(self) -> None:
        from config.telemetry.health import register_probe  # noqa: PLC0415 - apps are loaded now
        from config.vault import checks, health  # noqa: PLC0415

        checks.refuse_unsafe_key()
        register_probe("vault", health.round_trip)
