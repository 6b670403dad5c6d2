"""The contract as a document and as pages."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from config.http.views import problem_type, problem_types

urlpatterns = [
    path("v1/schema", SpectacularJSONAPIView.as_view(), name="schema"),
    path(
        "v1/docs",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="http/api_docs.html"),
        name="docs",
    ),
    path("errors/", problem_types, name="problem-types"),
    path("errors/<slug:slug>", problem_type, name="problem-type"),
]
