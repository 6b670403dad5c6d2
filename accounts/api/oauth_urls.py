from django.urls import path

from accounts.api.oauth import TokenView

urlpatterns = [path("oauth/token", TokenView.as_view(), name="oauth-token")]
