"""Pages for people.

Of allauth's views those are mounted that have a place here, under our addresses and allauth's names; what it can do
beside them (its own e-mail addresses, confirmations, passwords) has none.
"""

from importlib import import_module
from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.urls import URLPattern, include, path

from accounts import openid_connect, sign_in_providers
from accounts.pages import (
    account,
    activity,
    api_keys,
    door,
    email,
    language,
    my_data,
    profile,
    second_factor,
    security,
    sign_in,
    views,
    was_it_you,
)

offers = {"providers": sign_in_providers.apps}  # a callable: asked when a page is shown


def callbacks_of(kind: str) -> list[URLPattern]:
    """Where a provider that is not OpenID Connect sends people back; how they go there is our own page."""
    module: Any = import_module(f"allauth.socialaccount.providers.{kind}.urls")
    return [pattern for pattern in module.urlpatterns if (pattern.name or "").endswith("_callback")]


entrance = [
    path(
        "accounts/sign-in",
        allauth_views.LoginView.as_view(extra_context=offers),
        name="account_login",
    ),
    path(
        "accounts/sign-up",
        allauth_views.SignupView.as_view(extra_context=offers),
        name="account_signup",
    ),
    path("accounts/sign-out", allauth_views.logout, name="account_logout"),
    path("accounts/sign-in/with/<slug:provider_id>", sign_in.with_provider, name="with-provider"),
    path("accounts/sign-in/connect", sign_in.connect_existing, name="connect-existing"),
    path("accounts/sign-in/app", sign_in.hand_over, name="handoff"),
    path(
        "accounts/check-your-mail",
        allauth_views.EmailVerificationSentView.as_view(),
        name="account_email_verification_sent",
    ),
    path("accounts/resend-verification", sign_in.resend_verification, name="resend-verification"),
    path("accounts/verify-email", views.verify_email, name="verify-email"),
    path("accounts/forgot-password", allauth_views.password_reset, name="account_reset_password"),
    path(
        "accounts/forgot-password/sent",
        allauth_views.password_reset_done,
        name="account_reset_password_done",
    ),
    path("accounts/reset-password", views.reset_password, name="reset-password"),
    path("accounts/confirm-email", email.confirm, name="confirm-email"),
    path("accounts/not-my-change", email.not_my_change, name="not-my-change"),
    path("accounts/not-me", was_it_you.not_me, name="not-me"),
    path("accounts/stopped-sign-in", was_it_you.stopped_sign_in, name="stopped-sign-in"),
    path(
        "accounts/oidc/<slug:provider_id>/callback",
        openid_connect.callback,
        name="openid_connect_callback",
    ),
    *(
        path("accounts/", include(callbacks_of(kind)))
        for kind in sorted({each.provider for each in settings.ENVIRONMENT.sign_in_providers})
        if kind != "openid_connect"
    ),
]

mine = [
    path("accounts/", account.my_account, name="my-account"),
    path("accounts/language", language.choose_language, name="set_language"),
    path("accounts/profile", profile.page, name="profile"),
    path("accounts/profile/mails", profile.choose_mails, name="choose-mails"),
    path("accounts/profile/email", email.page, name="change-email"),
    path("accounts/profile/email/withdraw", email.withdraw, name="withdraw-email-change"),
    path("accounts/activity", activity.page, name="my-activity-page"),
    path("accounts/api-keys", api_keys.page, name="my-api-keys"),
    path("accounts/api-keys/new", api_keys.make, name="make-api-key"),
    path("accounts/api-keys/<str:key_id>/revoke", api_keys.revoke, name="revoke-api-key"),
    path("accounts/devices/end-all", account.end_all_sessions, name="end-all-sessions"),
    path("accounts/devices/<str:session_id>/end", account.end_session, name="end-session"),
    path("accounts/sign-ins/<slug:provider_id>/connect", account.connect, name="connect"),
    path("accounts/sign-ins/<int:link_id>/disconnect", account.disconnect, name="disconnect"),
]

data = [
    path("accounts/my-data", my_data.my_data, name="my-data"),
    path("accounts/my-data/archive", my_data.make_archive, name="make-archive"),
    path("accounts/my-data/archive/fetch", my_data.fetch_archive, name="fetch-archive"),
    path("accounts/my-data/delete", my_data.delete_account, name="delete-account"),
    path("accounts/take-back", my_data.take_back, name="take-back"),
]

factors = [
    path("accounts/second-factor", second_factor.finish_sign_in, name="second-factor"),
    path(
        "accounts/second-factor/options",
        second_factor.finish_options,
        name="second-factor-options",
    ),
    path("accounts/prove-yourself", second_factor.prove_yourself, name="prove-yourself"),
    path(
        "accounts/prove-yourself/options",
        second_factor.prove_yourself_options,
        name="prove-yourself-options",
    ),
    path("accounts/security", security.security, name="security"),
    path("accounts/security/app/begin", security.begin_app, name="begin-app"),
    path("accounts/security/app/confirm", security.confirm_app, name="confirm-app"),
    path("accounts/security/app/remove", security.remove_app, name="remove-app"),
    path("accounts/security/passkeys/options", security.passkey_options, name="passkey-options"),
    path("accounts/security/passkeys/add", security.add_passkey, name="add-passkey"),
    path("accounts/security/passkeys/rename", security.rename_passkey, name="rename-passkey"),
    path("accounts/security/passkeys/remove", security.remove_passkey, name="remove-passkey"),
    path("accounts/security/backup-codes", security.new_backup_codes, name="new-backup-codes"),
]

console = [
    path("console/login/", door.console_sign_in),
    path("console/passkey-options", door.console_passkey_options, name="console-passkey-options"),
    path("console/sign-in-link", door.console_link, name="console-link"),
]

urlpatterns = [*entrance, *mine, *data, *factors, *console]
