from django.apps import AppConfig


class TelemetryConfig(AppConfig):
    name = "config.telemetry"
    label = "telemetry"

    def ready(self) -> None:
        from config.telemetry import probes  # noqa: PLC0415 - apps are loaded now
        from config.telemetry.health import register_probe  # noqa: PLC0415

        register_probe("database", probes.database)
        register_probe("migrations", probes.migrations)
        register_probe("redis", probes.redis_server, critical=False)
        register_probe("places", probes.places, critical=False)
