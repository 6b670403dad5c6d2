from django.apps import AppConfig


class BackupConfig(AppConfig):
    name = "config.backup"
    label = "backup"

    def ready(self) -> None:
        from config.backup import secrets, steps  # noqa: PLC0415 - models are ready now

        steps.after_restore("secrets", secrets.open_one_of_each)
