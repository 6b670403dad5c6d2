"""Which key sets a client may register."""

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from accounts.services.client_jwks import KeySetError, key_for, read_strictly, read_usable
from accounts.tests.client_keys import jwks, key_pair

RSA, EC, ED = key_pair("RS256", "rsa"), key_pair("ES256", "ec"), key_pair("EdDSA", "ed")


def test_the_kind_of_a_key_says_what_it_is_good_for() -> None:
    keys = read_strictly(jwks(RSA, EC, ED))

    assert {key.kid: set(key.algorithms) for key in keys} == {
        "rsa": {"RS256", "PS256"},
        "ec": {"ES256"},
        "ed": {"EdDSA"},
    }


def other(**changes: Any) -> dict[str, Any]:
    jwk = {**EC.jwk, **changes}
    return {"keys": [{name: value for name, value in jwk.items() if value is not None}]}


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (None, "Not a JWK Set"),
        ([], "Not a JWK Set"),
        ({}, "Not a JWK Set"),
        ({"keys": {}}, "Not a JWK Set"),
        ({"keys": []}, "no key"),
        ({"keys": ["x"]}, "no JSON object"),
        ({"keys": [EC.jwk] * 21}, "More than 20"),
        ({"keys": [EC.jwk] * 2}, "no two the same"),
        ({"keys": [{**EC.jwk, "kid": ""}, RSA.jwk]}, "no two the same"),
        (other(use="enc"), "not for signatures"),
        (other(key_ops=["encrypt"]), "not for signatures"),
        (other(key_ops="verify"), "not for signatures"),
        (other(alg="HS256"), "none of"),
        (other(alg="ES384"), "none of"),
        (other(alg=["ES256"]), "none of"),
        (other(kid=1), "kid"),
        (other(kid="k" * 256), "kid"),
        (other(kty="oct", k="c2VjcmV0"), "private or a shared secret"),
        (other(d="AAAA"), "private or a shared secret"),
        (other(kty=None), "neither"),
        (other(kty=["EC"]), "neither"),
        (other(x=None), "cannot be read"),
        (other(x=1), "cannot be read"),
        (other(x="AAAA"), "cannot be read"),
        (other(x=EC.jwk["y"]), "cannot be read"),
        (other(crv="P-256K"), "cannot be read"),
        ({"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}, "A key"),
        ({"keys": [{"kty": "RSA", "n": RSA.jwk["n"], "e": ""}]}, "A key"),
    ],
)
def test_a_set_that_cannot_be_used_whole_is_refused(document: Any, complaint: str) -> None:
    with pytest.raises(KeySetError, match=complaint):
        read_strictly(document)


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1()])
def test_other_curves_are_refused(curve: ec.EllipticCurve) -> None:
    jwk = ECAlgorithm.to_jwk(ec.generate_private_key(curve).public_key(), as_dict=True)

    with pytest.raises(KeySetError, match="P-256"):
        read_strictly({"keys": [jwk]})


def test_a_private_key_is_refused_and_not_repeated() -> None:
    private = RSAAlgorithm.to_jwk(RSA.private_key, as_dict=True)

    with pytest.raises(KeySetError) as refusal:
        read_strictly({"keys": [private]})
    assert str(private["d"]) not in str(refusal.value)


def test_of_a_set_that_was_fetched_unusable_keys_are_passed_over() -> None:
    keys = read_usable({"keys": [EC.jwk, {"kty": "oct", "k": "x"}, {"kty": "new"}, "nonsense"]})

    assert [key.kid for key in keys] == ["ec"]


def test_a_key_is_chosen_by_its_name_and_algorithm() -> None:
    keys = read_strictly(jwks(RSA, EC))

    assert key_for(keys, algorithm="PS256", kid="rsa") is keys[0]
    assert key_for(keys, algorithm="ES256", kid=None) is keys[1]
    assert key_for(keys, algorithm="ES256", kid="rsa") is None
    assert key_for(keys, algorithm="HS256", kid="rsa") is None
    assert jwt.get_unverified_header(RSA.assertion("x"))["kid"] == "rsa"
