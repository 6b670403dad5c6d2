from django.apps import AppConfig


class DevstackConfig(AppConfig):
    name = "config.devstack"
    label = "devstack"
