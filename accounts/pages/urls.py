"""Pages for people."""

from django.urls import path

from accounts.pages import door, second_factor, security, views

urlpatterns = [
    path("accounts/verify-email", views.verify_email, name="verify-email"),
    path("accounts/reset-password", views.reset_password, name="reset-password"),
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
    path("console/login/", door.console_sign_in),
    path("console/passkey-options", door.console_passkey_options, name="console-passkey-options"),
    path("console/sign-in-link", door.console_link, name="console-link"),
]
