from django.apps import AppConfig


class HttpConfig(AppConfig):
    name = "config.http"
    label = "http"
