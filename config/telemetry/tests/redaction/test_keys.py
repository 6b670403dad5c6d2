import pytest

from config.telemetry.redaction import is_secret_key


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "passwd",
        "PGPASSWORD",
        "DJANGO_SECRET_KEY",
        "client_secret",
        "clientSecret",
        "api_key",
        "apiKey",
        "X-Api-Key",
        "APIKEY",
        "api_secret",
        "access_token",
        "request_token",
        "refreshToken",
        "token",
        "metrics_token",
        "HTTP_AUTHORIZATION",
        "Authorization",
        "proxy-authorization",
        "Cookie",
        "Set-Cookie",
        "HTTP_COOKIE",
        "csrftoken",
        "csrfmiddlewaretoken",
        "X-CSRFToken",
        "sessionid",
        "session_key",
        "checksum",
        "code",
        "codes",
        "backup_codes",
        "mfa_code",
        "otp",
        "totp_secret",
        "private_key",
        "signing_key",
        "vault_local_key",
        "client_assertion",
        "credentials",
        "jwt",
        "pin",
        "token_hash",
        f"{'x' * 500}.password",
    ],
)
def test_names_of_secrets_are_known_in_every_spelling(name: str) -> None:
    assert is_secret_key(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        "user_id",
        "session_id",
        "request_id",
        "kid",
        "token_type",
        "token_endpoint",
        "access_token_lifetime",
        "password_changed_at",
        "password_min_length",
        "client_secret_id",
        "api_key_id",
        "tokens_issued_total",
        "status_code",
        "error_code",
        "country_code",
        "InvalidTokenError",
        "cookie_name",
        "event",
        "ping",
        "shopping",
        "encoded",
        "author",
    ],
)
def test_names_that_tell_about_a_secret_or_about_something_else_are_not(name: str) -> None:
    assert not is_secret_key(name)
