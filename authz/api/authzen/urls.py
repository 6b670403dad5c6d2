"""AuthZEN's addresses, which its specification fixes."""

from django.urls import path

from authz.api.authzen import evaluation, search
from authz.api.authzen.metadata import MetadataView

urlpatterns = [
    path("access/v1/evaluation", evaluation.evaluation, name="authzen-evaluation"),
    path("access/v1/evaluations", evaluation.evaluations, name="authzen-evaluations"),
    path("access/v1/search/subject", search.search_subject, name="authzen-search-subject"),
    path("access/v1/search/resource", search.search_resource, name="authzen-search-resource"),
    path("access/v1/search/action", search.search_action, name="authzen-search-action"),
    path(".well-known/authzen-configuration", MetadataView.as_view(), name="authzen-metadata"),
]
