"""The addresses for machines that watch us; mounted at the root."""

from django.urls import path

from config.telemetry import views

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("health", views.HealthView.as_view(), name="health"),
    path("metrics", views.metrics, name="metrics"),
]
