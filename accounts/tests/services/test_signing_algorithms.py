"""RS256, ES256 and EdDSA: what the standards' own examples say, and a change from one to another."""

from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from jwt.algorithms import ECAlgorithm, OKPAlgorithm
from jwt.utils import base64url_encode

from accounts.errors import InvalidTokenError
from accounts.models import SigningKey
from accounts.models.signing_key import KeyState, SigningAlgorithm
from accounts.services import access_tokens, jwk, signing_keys
from accounts.services.jwk import Algorithm
from accounts.tests.forging import active_key, assembled, person_claims, private_key_of, signed
from accounts.tests.issuing import issue_person_token

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
PAYLOAD = (
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)

# RFC 7515 appendix A.2
RSA_KEY = {
    "kty": "RSA",
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SF"
    "d2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTB"
    "EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
    "PAcDTW9gb54h4FRWyuXpoQ",
    "e": "AQAB",
}
RSA_JWS = (
    f"eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr"
    "7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--x"
    "i12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_Ioy"
    "pGlUPQGe77Rw"
)
# RFC 7515 appendix A.3
EC_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
EC_JWS = (
    f"eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
# RFC 8037 appendices A.2 to A.5
OKP_KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
OKP_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)
MEMBERS = {
    "RS256": {"kty", "n", "e"},
    "ES256": {"kty", "crv", "x", "y"},
    "EdDSA": {"kty", "crv", "x"},
}
every_algorithm = pytest.mark.parametrize("algorithm", SigningAlgorithm.values)


@pytest.mark.parametrize(
    ("key", "jws", "algorithm"),
    [(RSA_KEY, RSA_JWS, "RS256"), (EC_KEY, EC_JWS, "ES256"), (OKP_KEY, OKP_JWS, "EdDSA")],
)
def test_the_signatures_of_the_standards_verify_with_the_keys_that_we_read(
    key: dict[str, str], jws: str, algorithm: str
) -> None:
    public = jwk.public_key(key)
    jwt.PyJWS().decode(jws, public, algorithms=[algorithm])

    head, body, signature = jws.split(".")
    tampered = f"{head}.{'f' + body[1:]}.{signature}"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.PyJWS().decode(tampered, public, algorithms=[algorithm])
    assert jwk.public_members(public) == key


def test_the_thumbprint_of_an_ed25519_key_is_that_of_rfc_8037_appendix_a_3() -> None:
    assert jwk.thumbprint(OKP_KEY) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert jwk.thumbprint({**OKP_KEY, "alg": "EdDSA", "kid": "x"}) == jwk.thumbprint(OKP_KEY)


@every_algorithm
def test_a_pair_is_published_with_what_its_type_requires_and_nothing_private(
    algorithm: Algorithm,
) -> None:
    pair = jwk.generate(algorithm)

    assert set(pair.public_jwk) == MEMBERS[algorithm] | {"kid", "alg", "use"}
    assert (pair.public_jwk["alg"], pair.public_jwk["use"]) == (algorithm, "sig")
    assert pair.kid == pair.public_jwk["kid"] == jwk.thumbprint(pair.public_jwk)
    private = jwk.private_key(pair.private_der)
    assert private.public_key() == jwk.public_key(pair.public_jwk)
    assert "private_der" not in repr(pair)


def test_keys_that_we_do_not_sign_with_are_not_read() -> None:
    other_curve = ECAlgorithm.to_jwk(
        ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True
    )
    other_edwards = OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True)
    private = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    for key in (other_curve, other_edwards, private, {"kty": "oct", "k": "c2VjcmV0"}, {}):
        with pytest.raises(jwt.InvalidKeyError):
            jwk.public_key(key)


def test_a_private_key_of_another_curve_is_not_taken() -> None:
    der = ed448.Ed448PrivateKey.generate().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    with pytest.raises(TypeError, match="not a key that we sign with"):
        jwk.private_key(der)


@pytest.mark.django_db
@every_algorithm
def test_tokens_are_signed_and_verified_with_it(algorithm: str, environment: Any) -> None:
    environment(signing_algorithm=algorithm)
    key = signing_keys.ensure_first()
    token = issue_person_token()

    assert jwt.get_unverified_header(token) == {"alg": algorithm, "kid": key.kid, "typ": "at+jwt"}
    assert access_tokens.verify(token).kid == key.kid
    assert access_tokens.verify(signed(person_claims(), key=key)).acr == "mfa"
    head, body, signature = token.split(".")
    for forged in (f"{head}.{body}.", f"{head}.{body}.{signature[:-8]}AAAAAAAA"):
        with pytest.raises(InvalidTokenError):
            access_tokens.verify(forged)


@pytest.mark.django_db
@every_algorithm
@pytest.mark.parametrize("claimed", ["RS256", "ES256", "EdDSA", "HS256", "none", "ES384", "PS256"])
def test_a_token_that_names_another_algorithm_than_its_keys_is_refused(
    algorithm: str, claimed: str, environment: Any
) -> None:
    environment(signing_algorithm=algorithm)
    key = signing_keys.ensure_first()
    if claimed == algorithm:
        return
    header = {"alg": claimed, "kid": key.kid, "typ": "at+jwt"}
    unsigned = assembled(header, person_claims()).rpartition(".")[0]
    signature = jwt.get_algorithm_by_name(algorithm).sign(unsigned.encode(), private_key_of(key))
    with pytest.raises(InvalidTokenError):
        access_tokens.verify(f"{unsigned}.{base64url_encode(signature).decode()}")


@pytest.mark.django_db
def test_a_change_counts_from_the_next_rotation_and_every_token_holds_throughout(
    environment: Any,
) -> None:
    rules = {"jwks_max_age": 600, "clock_leeway": 5, "access_token_lifetime": 900}
    tokens: list[str] = []

    def all_hold() -> None:
        tokens.append(issue_person_token(lifetime=3600))
        assert {access_tokens.verify(token).sub for token in tokens}
        published = {
            key.kid: jwk.public_key(key.public_jwk) for key in SigningKey.objects.published()
        }
        for token in tokens:  # and for whoever verifies by the JWKS alone
            header = jwt.get_unverified_header(token)
            options: Any = {"verify_aud": False}
            key: Any = published[header["kid"]]
            jwt.decode(token, key, algorithms=[header["alg"]], options=options)

    with time_machine.travel(START, tick=False) as clock:
        environment(**rules, signing_algorithm="RS256", signing_key_lifetime=10**9)
        first = signing_keys.tend()
        all_hold()
        for algorithm in ("ES256", "EdDSA"):
            environment(**rules, signing_algorithm=algorithm, signing_key_lifetime=10**9)
            unwanted = SigningKey.objects.in_state(KeyState.NEXT).get()
            clock.shift(60)
            change = signing_keys.tend()
            unwanted.refresh_from_db()
            assert (unwanted.state, unwanted.activated_at) == ("retired", None)
            assert unwanted.sealed_private_key is None
            all_hold()
            clock.shift(605)
            assert signing_keys.tend() == signing_keys.KeyChange()
            assert signing_keys.rotate().activated == change.published
            assert active_key().algorithm == algorithm
            all_hold()

    algorithms = set(SigningKey.objects.published().values_list("algorithm", flat=True))
    assert algorithms == {"RS256", "ES256", "EdDSA"}
    assert SigningKey.objects.get(kid=first.activated).state == KeyState.RETIRING


@pytest.mark.django_db
def test_an_old_key_waits_for_a_successor_of_the_algorithm_that_is_wanted(environment: Any) -> None:
    rules = {"jwks_max_age": 600, "clock_leeway": 5, "signing_key_lifetime": 86_400}
    with time_machine.travel(START, tick=False) as clock:
        environment(**rules, signing_algorithm="RS256")
        signing_keys.tend()
        clock.shift(2 * 86_400)
        environment(**rules, signing_algorithm="ES256")
        change = signing_keys.tend()
        assert (change.activated, change.retiring) == ("", "")
        clock.shift(605)
        assert signing_keys.tend().activated == change.published
        assert active_key().algorithm == "ES256"
