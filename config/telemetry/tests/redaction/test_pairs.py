"""Secrets that the text itself names."""

import json

import pytest

from config.telemetry.redaction import redact_text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("password=hunter2 user=asha", "password=[redacted] user=asha"),
        ("password = hunter2", "password = [redacted]"),
        ("token: abc, next", "token: [redacted], next"),
        ("GET /x?request_token=abc&action=login", "GET /x?request_token=[redacted]&action=login"),
        (
            "{'api_secret': 'xyz', 'broker': 'kite'}",
            "{'api_secret': '[redacted]', 'broker': 'kite'}",
        ),
        ("{'api_secret': b'xyz', 'n': 1}", "{'api_secret': b'[redacted]', 'n': 1}"),
        ('{"password": "a \\" b, c", "n": 1}', '{"password": "[redacted]", "n": 1}'),
        ("{'otp': 123456}", "{'otp': [redacted]}"),
        ("body['password'] = 'x y'", "body['password'] = '[redacted]'"),
        ("secrets=['a', 'b'] rest", "secrets=[redacted] rest"),
        ("Login(password='correct horse', name='x')", "Login(password='[redacted]', name='x')"),
        ("Authorization: Bearer abc", "Authorization: [redacted]"),
        ("Authorization: Basic abc def", "Authorization: [redacted] def"),
        ("Cookie: a=b; sessionid=c; d=e\nHost: x", "Cookie: [redacted]\nHost: x"),
        ("Set-Cookie: __Host-refresh_token=c; Path=/", "Set-Cookie: [redacted]"),
        ('password="never closed', 'password="[redacted]"'),
        ("detail: password=hunter2", "detail: password=[redacted]"),
        ("password=", "password="),
        ("token_type=Bearer", "token_type=Bearer"),
    ],
)
def test_the_value_of_a_secret_name_goes(text: str, clean: str) -> None:
    assert redact_text(text) == clean


def test_json_in_a_text_stays_json() -> None:
    body = json.dumps({"password": 'a"b\\', "nested": {"token": "t, u"}, "name": "asha"})

    assert json.loads(redact_text(body)) == {
        "password": "[redacted]",
        "nested": {"token": "[redacted]"},
        "name": "asha",
    }


def test_json_inside_json_is_read_through_its_backslashes() -> None:
    inner = json.dumps({"password": "hunter2", "name": "asha"})

    clean = redact_text(json.dumps({"body": inner}))

    assert json.loads(json.loads(clean)["body"]) == {"password": "[redacted]", "name": "asha"}
