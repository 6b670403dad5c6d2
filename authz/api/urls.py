"""Decisions, policies and roles, under `/v1/`."""

from django.urls import path

from authz.api import (
    decision_records,
    decisions,
    dry_runs,
    entities,
    explanations,
    policies,
    policy_cases,
    policy_versions,
    roles,
)
from authz.api.my_permissions import MyPermissionsView

urlpatterns = [
    path("authz/check", decisions.check),
    path("authz/check/batch", decisions.check_batch),
    path("authz/permissions", MyPermissionsView.as_view()),
    path("authz/entities", entities.EntitiesView.as_view()),
    path("authz/entities/<str:entity_type>/<path:identifier>", entities.EntityView.as_view()),
    path("authz/decisions", decision_records.DecisionRecordsView.as_view()),
    path("authz/explain", explanations.ExplainView.as_view()),
    path("authz/policies", policies.PoliciesView.as_view()),
    path("authz/policies/validate", policies.ValidatePolicyView.as_view()),
    path("authz/policies/dry-run", dry_runs.DryRunView.as_view()),
    path("authz/policies/test", policy_cases.CaseRunsView.as_view()),
    path("authz/policies/<str:policy_id>", policies.PolicyView.as_view()),
    path("authz/policies/<str:policy_id>/versions", policy_versions.PolicyVersionsView.as_view()),
    path(
        "authz/policies/<str:policy_id>/versions/<str:number>",
        policy_versions.PolicyVersionView.as_view(),
    ),
    path("authz/policies/<str:policy_id>/cases", policy_cases.PolicyCasesView.as_view()),
    path("authz/policies/<str:policy_id>/cases/<slug:name>", policy_cases.PolicyCaseView.as_view()),
    path("authz/policies/<str:policy_id>/rollback", policy_versions.PolicyRollbackView.as_view()),
    path("users/<str:user_id>/roles", roles.RolesView.as_view()),
    path("users/<str:user_id>/roles/<slug:role>", roles.RoleView.as_view()),
]
