from django.urls import path

from audit.api.views import ActivityView, TrailView

urlpatterns = [
    path("audit/events", TrailView.as_view(), name="audit-events"),
    path("users/me/activity", ActivityView.as_view(), name="my-activity"),
]
