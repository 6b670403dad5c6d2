"""Signing in, refreshing and checking a token, against the bare cryptography and the bare statement."""

import json
from collections.abc import Iterator

import jwt
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client

from accounts.events.platform import TOKEN_TRUST
from accounts.models import User
from accounts.services import access_tokens
from accounts.services.registration import create_active
from authz.freshness import stamps
from benchmarks.measure import Comparison, seconds

PASSWORD = "a password for the benchmark"  # noqa: S105 - of nobody


def comparisons() -> Iterator[Comparison]:
    """Sign-in, refresh, and the check of a token: by itself, and in a view that reads other stamps with the token's."""
    user = create_active(
        email="bench@example.com", name="Bench", password=PASSWORD, reason="benchmark"
    )
    client = (
        Client()
    )  # one for all: a new one loads the middleware first, which no server does at a request
    yield _sign_in(client, user)
    yield _refresh(client, user)
    yield from _token_checks(client, user)


def _log_in(client: Client, user: User) -> dict[str, str]:
    body = json.dumps({"email": user.email, "password": PASSWORD})
    answer = client.post("/v1/auth/login", body, content_type="application/json")
    assert answer.status_code == 200
    document: dict[str, str] = answer.json()
    return document


def _sign_in(client: Client, user: User) -> Comparison:
    return Comparison(
        name="sign-in over HTTP",
        ours=seconds(lambda: _log_in(client, user), times=5),
        floor=seconds(lambda: check_password(PASSWORD, user.password), times=5),
        floor_name="the bare Argon2id hash",
        goal="≤ 1.15",
    )


def _refresh(client: Client, user: User) -> Comparison:
    token = _log_in(client, user)["refresh_token"]

    def refresh() -> None:
        nonlocal token
        body = json.dumps({"refresh_token": token})
        token = client.post("/v1/auth/refresh", body, content_type="application/json").json()[
            "refresh_token"
        ]

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_user SET updated_at = now() WHERE id = %s RETURNING id", [user.pk]
            )
        key.sign(b"a token of the usual length" * 20, padding.PKCS1v15(), SHA256())

    return Comparison(
        name="token refresh over HTTP",
        ours=seconds(refresh, times=20),
        floor=seconds(floor, times=20),
        floor_name="one UPDATE … RETURNING and one RS256 signature",
        goal="≤ 4",
    )


def _token_checks(client: Client, user: User) -> Iterator[Comparison]:
    token = _log_in(client, user)["access_token"]
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = private.public_key()
    bare = jwt.encode({"sub": user.public_id, "exp": 4_000_000_000}, private, algorithm="RS256")
    floor = seconds(lambda: jwt.decode(bare, public, algorithms=["RS256"]), times=200)
    stamp = stamps.current([TOKEN_TRUST])[TOKEN_TRUST]
    for name, check in (
        ("token check by itself", lambda: access_tokens.verify(token)),
        (
            "token check, its stamp read with others",
            lambda: access_tokens.verify(token, stamp=stamp),
        ),
    ):
        yield Comparison(
            name=name,
            ours=seconds(check, times=200),
            floor=floor,
            floor_name="PyJWT's RS256 verification",
            goal="≤ 0.3",
        )
