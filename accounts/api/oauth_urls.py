from django.urls import path

from accounts.api.oauth import TokenView
from accounts.api.token_state import IntrospectView, RevokeView

urlpatterns = [
    path("oauth/token", TokenView.as_view(), name="oauth-token"),
    path("oauth/introspect", IntrospectView.as_view(), name="oauth-introspect"),
    path("oauth/revoke", RevokeView.as_view(), name="oauth-revoke"),
]
