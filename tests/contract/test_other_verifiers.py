"""`jose` on Node and PyJWT, each in a process of its own, verify our tokens by our JWKS and refuse what is none."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models.signing_key import SigningAlgorithm
from accounts.services import signing_keys
from accounts.tests.forging import active_key, person_claims, signed
from accounts.tests.issuing import issue_person_token
from tests.node import tooling

PAGE = Path(settings.BASE_DIR, "docs", "integrators", "verify-a-token.md").read_text()
PERSON = "usr_01h455vb4pex5vsknk084sn02q"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


@pytest.fixture(params=SigningAlgorithm.values)
def url(request: Any, live_server: Any, environment: Any) -> str:
    """A running service that signs with each of the algorithms, and publishes a key of another beside it."""
    other = "RS256" if request.param != "RS256" else "ES256"
    environment(public_url=live_server.url, signing_algorithm=request.param)
    signing_keys.ensure_first()
    environment(public_url=live_server.url, signing_algorithm=other)
    signing_keys.tend()
    assert active_key().algorithm == request.param
    return str(live_server.url)


def bad_tokens() -> dict[str, str]:
    """Each signed by our own key, and wrong in one thing."""
    key = active_key()
    return {
        "expired": signed(person_claims(iat=1, exp=2), key=key),
        "for another audience": signed(person_claims(aud="other"), key=key),
        "from another issuer": signed(person_claims(iss="https://evil.example"), key=key),
        "no access token": signed(person_claims(), key=key, typ="JWT"),
        "of an unknown key": signed(person_claims(), key=key, kid="unknown"),
        "forged": issue_person_token()[:-8] + "AAAAAAAA",
    }


def by_jose(url: str, token: str) -> Any:
    asked = {
        "jwks": f"{url}/.well-known/jwks.json",
        "issuer": url,
        "audience": "gatehouse",
        "token": token,
    }
    return json.loads(tooling.run("verify.mjs", stdin=json.dumps(asked)))


def by_the_pages_python(token: str) -> "subprocess.CompletedProcess[str]":
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    return subprocess.run(
        [sys.executable, "-c", program, token],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def by_the_pages_node(token: str) -> str:
    [program] = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)
    show = """
      try { console.log((await verify(process.argv[2])).sub); } catch (error) { console.log("refused"); }
    """
    return tooling.run("--input-type=module", "-", token, stdin=program + show).strip()


def test_jose_verifies_our_tokens_and_no_others(url: str) -> None:
    verified = by_jose(url, issue_person_token(user_id=PERSON))

    assert verified["payload"]["sub"] == PERSON, verified
    assert verified["protectedHeader"]["alg"] == active_key().algorithm
    for why, token in bad_tokens().items():
        assert "error" in by_jose(url, token), why


def test_the_programs_of_the_page_verify_our_tokens_and_no_others(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEHOUSE_URL", url)
    genuine = issue_person_token(user_id=PERSON)

    assert by_the_pages_node(genuine) == PERSON
    python = by_the_pages_python(genuine)
    assert python.stdout.strip() == PERSON, python.stderr
    for why, token in bad_tokens().items():
        assert by_the_pages_node(token) == "refused", why
        assert by_the_pages_python(token).returncode != 0, why
