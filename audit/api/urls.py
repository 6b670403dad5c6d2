from django.urls import path

from audit.api.chain import ChainStateView, CheckpointKeysView, ProofView
from audit.api.daily import DailyCountsView
from audit.api.exports import ExportContentView, ExportsView, ExportView
from audit.api.views import ActivityView, TrailView

urlpatterns = [
    path("audit/daily-counts", DailyCountsView.as_view(), name="audit-daily-counts"),
    path("audit/events", TrailView.as_view(), name="audit-events"),
    path("audit/events/<str:event_id>/proof", ProofView.as_view(), name="audit-event-proof"),
    path("audit/exports", ExportsView.as_view(), name="audit-exports"),
    path("audit/exports/<str:export_id>", ExportView.as_view(), name="audit-export"),
    path(
        "audit/exports/<str:export_id>/content",
        ExportContentView.as_view(),
        name="audit-export-content",
    ),
    path("audit/keys", CheckpointKeysView.as_view(), name="audit-keys"),
    path("audit/verify", ChainStateView.as_view(), name="audit-verify"),
    path("users/me/activity", ActivityView.as_view(), name="my-activity"),
]
