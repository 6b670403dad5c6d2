from django.apps import AppConfig


class DevstackConfig(AppConfig):
    name = "config.devstack"
    label = "devstack"

    def ready(self) -> None:
        from config.settings import checks  # noqa: F401, PLC0415 - registers itself
