from django.urls import path

from trading.api.views.accounts import AccountListView, AccountView
from trading.api.views.callback import CallbackView
from trading.api.views.linking import LinkView, LoginView, RotateCredentialsView
from trading.api.views.memberships import (
    AcceptView,
    AccountMembershipsView,
    AccountMembershipView,
    DeclineView,
    OwnMembershipsView,
    ResendView,
)
from trading.api.views.ownership import (
    AcceptOwnershipView,
    DeclineOwnershipView,
    OfferedAccountsView,
    OwnershipTransferView,
)
from trading.api.views.services import CredentialsView, PermissionCheckView
from trading.api.views.sync import BulkSyncView, SyncRunsView, SyncView

ACCOUNT = "trading-accounts/<str:account_id>"

urlpatterns = [
    path("trading-accounts", AccountListView.as_view(), name="trading-accounts"),
    path("trading-accounts/link", LinkView.as_view(), name="trading-account-link"),
    path("trading-accounts/<str:broker>/callback", CallbackView.as_view(), name="broker-callback"),
    path(ACCOUNT, AccountView.as_view(), name="trading-account"),
    path(f"{ACCOUNT}/login", LoginView.as_view(), name="trading-account-login"),
    path(
        f"{ACCOUNT}/rotate-credentials",
        RotateCredentialsView.as_view(),
        name="trading-account-rotate-credentials",
    ),
    path(f"{ACCOUNT}/sync", SyncView.as_view(), name="trading-account-sync"),
    path(f"{ACCOUNT}/sync-runs", SyncRunsView.as_view(), name="trading-account-sync-runs"),
    path(
        "admin/trading-accounts/sync-profiles",
        BulkSyncView.as_view(),
        name="trading-accounts-sync-profiles",
    ),
    path(
        f"{ACCOUNT}/memberships",
        AccountMembershipsView.as_view(),
        name="trading-account-memberships",
    ),
    path(
        f"{ACCOUNT}/memberships/<str:membership_id>",
        AccountMembershipView.as_view(),
        name="trading-account-membership",
    ),
    path(
        f"{ACCOUNT}/memberships/<str:membership_id>/resend",
        ResendView.as_view(),
        name="trading-account-membership-resend",
    ),
    path(
        f"{ACCOUNT}/ownership-transfer",
        OwnershipTransferView.as_view(),
        name="trading-account-ownership-transfer",
    ),
    path(
        f"{ACCOUNT}/permissions/check",
        PermissionCheckView.as_view(),
        name="trading-account-permission-check",
    ),
    path("memberships", OwnMembershipsView.as_view(), name="memberships"),
    path("memberships/<str:membership_id>/accept", AcceptView.as_view(), name="membership-accept"),
    path(
        "memberships/<str:membership_id>/decline", DeclineView.as_view(), name="membership-decline"
    ),
    path("ownership-transfers", OfferedAccountsView.as_view(), name="ownership-transfers"),
    path(
        "ownership-transfers/<str:transfer_id>/accept",
        AcceptOwnershipView.as_view(),
        name="ownership-transfer-accept",
    ),
    path(
        "ownership-transfers/<str:transfer_id>/decline",
        DeclineOwnershipView.as_view(),
        name="ownership-transfer-decline",
    ),
    path(
        f"internal/{ACCOUNT}/credentials",
        CredentialsView.as_view(),
        name="trading-account-credentials",
    ),
]
