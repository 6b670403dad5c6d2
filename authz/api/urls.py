"""Decisions, policies and roles, under `/v1/`."""

from django.urls import path

from authz.api import decisions, explanations, policies, roles

urlpatterns = [
    path("authz/check", decisions.CheckView.as_view()),
    path("authz/check/batch", decisions.BatchView.as_view()),
    path("authz/explain", explanations.ExplainView.as_view()),
    path("authz/policies", policies.PoliciesView.as_view()),
    path("authz/policies/validate", policies.ValidatePolicyView.as_view()),
    path("authz/policies/<str:policy_id>", policies.PolicyView.as_view()),
    path("authz/policies/<str:policy_id>/versions", policies.PolicyVersionsView.as_view()),
    path("authz/policies/<str:policy_id>/rollback", policies.PolicyRollbackView.as_view()),
    path("users/<str:user_id>/roles", roles.RolesView.as_view()),
    path("users/<str:user_id>/roles/<slug:role>", roles.RoleView.as_view()),
]
