"""Pages for people about their accounts at brokers."""

from django.urls import path

from trading.pages import brokers, linking, paper, sharing, taking_over

ACCOUNT = "accounts/brokers/<str:account_id>"
SHARING = "accounts/sharing"

urlpatterns = [
    path("accounts/brokers", brokers.brokers, name="brokers"),
    path("accounts/brokers/link", linking.choose_broker, name="choose-broker"),
    path("accounts/brokers/link/<slug:broker>", linking.link, name="link-broker"),
    path("accounts/brokers/paper/login", paper.paper_login, name="paper-login"),
    path(ACCOUNT, brokers.broker_account, name="broker-account"),
    path(f"{ACCOUNT}/login", brokers.log_in_again, name="broker-log-in-again"),
    path(f"{ACCOUNT}/refresh", brokers.refresh, name="broker-refresh"),
    path(f"{ACCOUNT}/rename", brokers.rename, name="broker-rename"),
    path(f"{ACCOUNT}/credentials", linking.replace_credentials, name="broker-credentials"),
    path(f"{ACCOUNT}/unlink", linking.unlink, name="broker-unlink"),
    path(SHARING, sharing.page, name="sharing"),
    path(
        f"{SHARING}/invitations/<str:membership_id>/accept",
        sharing.accept,
        name="accept-invitation",
    ),
    path(
        f"{SHARING}/invitations/<str:membership_id>/decline",
        sharing.decline,
        name="decline-invitation",
    ),
    path(
        f"{SHARING}/memberships/<str:membership_id>/leave",
        sharing.leave,
        name="leave-account",
    ),
    path(f"{SHARING}/<str:account_id>/invite", sharing.invite, name="invite-to-account"),
    path(
        f"{SHARING}/<str:account_id>/members/<str:membership_id>/revoke",
        sharing.revoke,
        name="revoke-membership",
    ),
    path(
        f"{SHARING}/<str:account_id>/members/<str:membership_id>/resend",
        sharing.resend,
        name="resend-invitation",
    ),
    path(f"{SHARING}/<str:account_id>/offer", taking_over.offer, name="offer-account"),
    path(f"{SHARING}/<str:account_id>/withdraw", taking_over.withdraw, name="withdraw-offer"),
    path(
        f"{SHARING}/offers/<str:transfer_id>/accept",
        taking_over.accept,
        name="accept-account",
    ),
    path(
        f"{SHARING}/offers/<str:transfer_id>/decline",
        taking_over.decline,
        name="decline-account",
    ),
]
