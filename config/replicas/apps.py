from django.apps import AppConfig


class ReplicasConfig(AppConfig):
    name = "config.replicas"
    label = "replicas"

    def ready(self) -> None:
        """Nothing at all where there are no replicas."""
        from config.replicas import pool  # noqa: PLC0415 - settings are read now

        if pool.aliases():
            from config.replicas.facts import replica_facts  # noqa: PLC0415
            from config.telemetry.metrics import register_facts  # noqa: PLC0415

            register_facts(replica_facts)
