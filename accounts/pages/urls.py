"""Pages for people."""

from django.urls import path

from accounts.pages import views

urlpatterns = [
    path("accounts/verify-email", views.verify_email, name="verify-email"),
    path("accounts/reset-password", views.reset_password, name="reset-password"),
    path("console/sign-in-link", views.console_link, name="console-link"),
]
