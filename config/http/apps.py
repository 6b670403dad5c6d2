from django.apps import AppConfig, apps


class HttpConfig(AppConfig):
    name = "config.http"
    label = "http"

    def ready(self) -> None:
        from config.http.console_names import name_columns  # noqa: PLC0415 - models are loaded by now

        name_columns(apps.get_models())
