from django.urls import path

from events.api.views import SchemaListView, SchemaView

urlpatterns = [
    path("events/schemas", SchemaListView.as_view(), name="event-schemas"),
    path("events/schemas/<str:full_type>", SchemaView.as_view(), name="event-schema"),
]
