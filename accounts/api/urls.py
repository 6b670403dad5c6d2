"""People, their sessions and themselves, under `/v1/`."""

from django.urls import path

from accounts.api import (
    api_keys,
    factor_resets,
    google,
    passkeys,
    registration,
    sessions,
    sign_in,
    users,
)

urlpatterns = [
    path("auth/register", registration.RegisterView.as_view()),
    path("auth/email/verify", registration.VerifyEmailView.as_view()),
    path("auth/email/verify/resend", registration.ResendVerificationView.as_view()),
    path("auth/login", sign_in.LoginView.as_view()),
    path("auth/reopen", sign_in.ReopenView.as_view()),
    path("auth/mfa/verify", sign_in.SecondFactorView.as_view()),
    path("auth/mfa/options", passkeys.SecondFactorOptionsView.as_view()),
    path("auth/passkey/options", passkeys.PasskeyOptionsView.as_view()),
    path("auth/passkey/login", passkeys.PasskeyLoginView.as_view()),
    path("auth/google", google.GoogleSignInView.as_view()),
    path("auth/google/callback", google.GoogleCallbackView.as_view()),
    path("auth/refresh", sign_in.RefreshView.as_view()),
    path("auth/logout", sign_in.LogoutView.as_view()),
    path("auth/step-up", sign_in.StepUpView.as_view()),
    path("auth/step-up/options", passkeys.StepUpOptionsView.as_view()),
    path("auth/sessions", sessions.SessionsView.as_view()),
    path("auth/sessions/<str:session_id>", sessions.SessionView.as_view()),
    path("auth/password/reset-request", registration.RequestPasswordResetView.as_view()),
    path("auth/password/reset", registration.ResetPasswordView.as_view()),
    path("auth/password/change", registration.ChangePasswordView.as_view()),
    path("users/me", users.MeView.as_view()),
    path("users/me/preferences", users.PreferencesView.as_view()),
    path("users/me/api-keys", api_keys.ApiKeysView.as_view()),
    path("users/me/api-keys/<str:key_id>", api_keys.ApiKeyView.as_view()),
    path("users", users.UsersView.as_view()),
    path("users/<str:user_id>", users.UserView.as_view()),
    path("users/<str:user_id>/mfa-reset", factor_resets.FactorResetView.as_view()),
    path("users/<str:user_id>/mfa-reset/approve", factor_resets.ApproveFactorResetView.as_view()),
    path("users/<str:user_id>/suspend", users.SuspendUserView.as_view()),
    path("users/<str:user_id>/reactivate", users.ReactivateUserView.as_view()),
    path("users/<str:user_id>/deactivate", users.DeactivateUserView.as_view()),
]
