"""Secrets that are known by their look, in the middle of a sentence."""

import base64

import pytest

from config.telemetry.redaction import REDACTED, redact_text

HEX_32 = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
REFRESH_TOKEN = "Zk3vQ9xW1pLr7TnB5sYc2HgJ8mKd4FuA6eXo0iRtNqE"
PEM = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ
c3VwZXJzZWNyZXQ=
-----END PRIVATE KEY-----"""

SECRETS = {
    "JWT": JWT,
    "unsigned JWT": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    "personal API key": "gh_pat_5fX2mQ8",
    "long personal API key": "gh_pat_5fX2mQ8w_1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P",
    "128 bits in hex": HEX_32,
    "160 bits in hex": HEX_32 + "01234567",
    "256 bits in hex": HEX_32 * 2,
    "256 bits in upper-case hex": (HEX_32 * 2).upper(),
    "TOTP secret of 80 bits": "JBSWY3DPEHPK3PXP",
    "TOTP secret of 160 bits": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "refresh token": REFRESH_TOKEN,
    "refresh token without digits": "ZkevQixWopLrsTnBusYcaHgJvmKdxFuAbeXocRtzNqE",
    "broker's secret of 32 letters and digits": "b7kq0s1m4x9z2w8v5n3j6h1g0f4d7c2p",
    "broker's access token": "XaB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u",
    "key in base64": base64.b64encode(bytes(range(32))).decode(),
    "key of 64 bytes in base64": base64.b64encode(bytes(range(100, 164))).decode(),
    "PEM block": PEM,
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize(
    "sentence",
    ["{}", "refused {} from there", "refused ({}).", "x={}", "/v1/things/{}/more", "'{}'"],
)
def test_a_secret_is_taken_out_by_its_look(secret: str, sentence: str) -> None:
    clean = redact_text(sentence.format(secret))

    assert secret not in clean
    assert REDACTED in clean


def test_what_stands_around_a_secret_stays() -> None:
    assert redact_text(f"refused {JWT}, try again") == f"refused {REDACTED}, try again"


def test_a_pem_block_that_was_cut_off_goes_with_all_that_follows() -> None:
    assert redact_text("key: -----BEGIN EC PRIVATE KEY-----\nMHcCAQ") == f"key: {REDACTED}"


def test_a_jwt_behind_another_dotted_word_is_found() -> None:
    assert JWT.split(".")[1] not in redact_text(f"some_very_long_module_name.{JWT}")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Bearer abcdefgh12", "Bearer [redacted]"),
        ("got bearer abc.def-ghi_jkl==", "got bearer [redacted]"),
        ("Basic dXNlcjpwYXNzd29yZA==", "Basic [redacted]"),
        ("otpauth://totp/Gatehouse:asha?secret=ABC&issuer=G", "otpauth://[redacted]"),
        (
            "postgresql://gate:p@ss,w0rd@db.example:5432/x",
            "postgresql://gate:[redacted]@db.example:5432/x",
        ),
        ("redis://:hunter2@127.0.0.1:6379/0", "redis://:[redacted]@127.0.0.1:6379/0"),
        ("smtp://me:pw@mail.example", "smtp://me:[redacted]@mail.example"),
    ],
)
def test_credentials_go_and_their_scheme_stays(text: str, clean: str) -> None:
    assert redact_text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "usr_01h455vb4pex5vsknk084sn02q signed in",
        "GET /v1/jobs/<str:job_id>",
        "018f4e2a-7b1c-7d3e-9f00-1a2b3c4d5e6f",
        "config.telemetry.tests.test_a_reused_refresh_token_ends_the_whole_family",
        "basic authentication",
        "at 12:30:45 on 2026-11-23T17:20:17.344000+00:00",
        "http://127.0.0.1:8000/v1/docs",
        "django.db.utils.OperationalError: the connection is lost",
        "File /usr/lib/python3.11/site-packages/django/core/handlers/exception.py, line 55",
        "ALTER_TABLE_ACCOUNTS_USER",
    ],
)
def test_ordinary_words_ids_and_paths_stay(text: str) -> None:
    assert redact_text(text) == text


def test_a_text_beyond_the_limit_is_cut_at_a_word() -> None:
    text = "word " * 20_000

    cut = redact_text(text)

    assert len(cut) <= 64 * 1024
    assert cut.endswith("word [cut]")


def test_a_cut_leaves_no_half_of_a_secret() -> None:
    padding = "x " * (32 * 1024 - 20)

    cut = redact_text(f"{padding}{REFRESH_TOKEN * 3} {padding}")

    assert REFRESH_TOKEN[:10] not in cut


def test_one_endless_word_is_cut_too() -> None:
    assert len(redact_text("é" * 200_000)) <= 64 * 1024
