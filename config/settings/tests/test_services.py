"""From a URL to what Django wants."""

import pytest

from config.settings.services import email


@pytest.mark.parametrize(
    ("url", "port", "starttls", "implicit"),
    [
        ("smtp://me:p%40ss@mail.internal:2525", 2525, True, False),
        ("smtp://me:p%40ss@mail.internal", 587, True, False),
        ("smtps://me:p%40ss@mail.internal", 465, False, True),
    ],
)
def test_mail_always_goes_over_tls(url: str, port: int, starttls: bool, implicit: bool) -> None:
    found = email(url)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.internal", port)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me", "p@ss")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (starttls, implicit)
