"""Mounted under `/v1/`."""

from django.urls import path

from config.jobs.api.views import JobListView, JobView

urlpatterns = [
    path("jobs", JobListView.as_view(), name="jobs"),
    path("jobs/<str:job_id>", JobView.as_view(), name="job"),
]
