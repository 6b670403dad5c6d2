"""The published keys: what they are, how long they may be kept, and that they are all a verifier needs."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
import time_machine
from django.test import Client

from accounts.models import SigningKey
from accounts.models.signing_key import SigningAlgorithm
from accounts.services import signing_keys
from accounts.tests.issuing import issue_person_token

PATHS = ["/.well-known/jwks.json", "/v1/.well-known/jwks.json"]

VERIFIER = """
import json, sys
import jwt
url, audience, issuer, token = sys.argv[1:]
key = jwt.PyJWKClient(url).get_signing_key_from_jwt(token)
claims = jwt.decode(token, key, algorithms=["RS256"], audience=audience, issuer=issuer)
print(json.dumps([claims["sub"], jwt.get_unverified_header(token)["typ"]]))
"""


def kids(answer: Any) -> set[str]:
    return {key["kid"] for key in answer.json()["keys"]}


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_key_is_published_with_what_verifying_needs_and_nothing_else(path: str) -> None:
    key = signing_keys.ensure_first()

    answer = Client().get(path)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    [published] = answer.json()["keys"]
    assert published == {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": key.kid,
        "e": "AQAB",
        "n": key.public_jwk["n"],
    }


@pytest.mark.django_db
def test_next_active_and_retiring_keys_are_published_and_others_are_not(environment: Any) -> None:
    environment(jwks_max_age=30, clock_leeway=0)
    with time_machine.travel(datetime(2026, 5, 1, tzinfo=UTC), tick=False) as clock:
        first = signing_keys.tend()
        assert kids(Client().get(PATHS[0])) == {first.activated, first.published}
        clock.shift(30)
        second = signing_keys.rotate()
        assert kids(Client().get(PATHS[0])) == {first.activated, first.published, second.published}
        clock.shift(3600)
        signing_keys.tend()
        assert kids(Client().get(PATHS[0])) == {first.published, second.published}
        signing_keys.revoke(kid=second.published, reason="leaked")
        assert second.published not in kids(Client().get(PATHS[0]))


@pytest.mark.django_db
def test_without_keys_the_set_is_empty() -> None:
    assert Client().get(PATHS[0]).json() == {"keys": []}


@pytest.mark.django_db
def test_it_may_be_kept_and_asked_for_again_by_its_etag(environment: Any) -> None:
    environment(jwks_max_age=777)
    signing_keys.ensure_first()
    first = Client().get(PATHS[0])
    assert first["Cache-Control"] == "public, max-age=777"
    assert first["ETag"].startswith('"')

    again = Client().get(PATHS[0], headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Cache-Control"] == "public, max-age=777"

    signing_keys.tend()
    changed = Client().get(PATHS[0], headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


@pytest.mark.django_db
def test_both_addresses_give_the_same_document() -> None:
    signing_keys.tend()

    assert len({Client().get(path).content for path in PATHS}) == 1


@pytest.mark.django_db
def test_it_is_for_everybody_whatever_they_send_along() -> None:
    signing_keys.ensure_first()

    answer = Client().get(PATHS[0], headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(method: str) -> None:
    answer = getattr(Client(), method)(PATHS[0])

    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=True)
def test_pyjwt_in_another_process_verifies_a_token_from_the_address_alone(
    live_server: Any, environment: Any
) -> None:
    environment(public_url="https://id.example.com", token_audience="trading")
    signing_keys.tend()
    assert SigningKey.objects.published().count() == 2
    token = issue_person_token(user_id="usr_01h455vb4pex5vsknk084sn02q")

    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            VERIFIER,
            f"{live_server.url}/.well-known/jwks.json",
            "trading",
            "https://id.example.com",
            token,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(answer.stdout) == ["usr_01h455vb4pex5vsknk084sn02q", "at+jwt"]


@pytest.mark.django_db
@pytest.mark.parametrize("algorithm", SigningAlgorithm.values)
def test_keys_of_every_kind_are_as_the_openapi_document_says(
    algorithm: str, environment: Any
) -> None:
    environment(signing_algorithm=algorithm)
    signing_keys.tend()
    document = Client().get("/v1/schema").json()
    schema = {"$ref": "#/components/schemas/JwkSet", "components": document["components"]}

    published = Client().get(PATHS[0]).json()

    jsonschema.Draft202012Validator(schema).validate(published)
    for key in published["keys"]:
        kinds = [
            kind
            for kind in ("RsaJwk", "EcJwk", "OkpJwk")
            if set(key) == set(document["components"]["schemas"][kind]["properties"])
        ]
        assert len(kinds) == 1
        broken = {"keys": [{**key, "alg": "none"}]}
        assert not jsonschema.Draft202012Validator(schema).is_valid(broken)
