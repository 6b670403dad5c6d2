from django.urls import path

from accounts.api.discovery import AuthorizationServerMetadataView, JwksView, VersionedJwksView

urlpatterns = [
    path(".well-known/jwks.json", JwksView.as_view(), name="jwks"),
    path("v1/.well-known/jwks.json", VersionedJwksView.as_view(), name="jwks-v1"),
    path(
        ".well-known/oauth-authorization-server",
        AuthorizationServerMetadataView.as_view(),
        name="oauth-metadata",
    ),
]
