"""Addresses under `/v1/`."""

from django.urls import path

from mfa.api import passkeys, views

urlpatterns = [
    path("mfa/devices", views.DevicesView.as_view(), name="mfa-devices"),
    path("mfa/totp/enroll", views.EnrolView.as_view(), name="mfa-totp-enroll"),
    path("mfa/totp/confirm", views.ConfirmView.as_view(), name="mfa-totp-confirm"),
    path("mfa/totp", views.TotpView.as_view(), name="mfa-totp"),
    path("mfa/backup-codes/regenerate", views.BackupCodesView.as_view(), name="mfa-backup-codes"),
    path("mfa/passkeys/options", passkeys.PasskeyOptionsView.as_view(), name="mfa-passkey-options"),
    path("mfa/passkeys", passkeys.PasskeysView.as_view(), name="mfa-passkeys"),
    path("mfa/passkeys/<str:passkey_id>", passkeys.PasskeyView.as_view(), name="mfa-passkey"),
]
