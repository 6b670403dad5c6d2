from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DashboardConfig(AppConfig):
    name = "config.dashboard"

    def ready(self) -> None:
        autodiscover_modules("dashboard")  # each app's cards
        autodiscover_modules("panels")  # and what it tells on a person's page
