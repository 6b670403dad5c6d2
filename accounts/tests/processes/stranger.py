"""A verifier that knows nothing of us but the address of our JWKS: a token a line in, a verdict a line out.

It keeps the set for as long as `Cache-Control` allows, and never asks sooner: not even for a key that it does not know.
"""

import re
import sys
import time

import httpx
import jwt
from jwt.types import Options


def fetched(url: str) -> tuple[dict[str, jwt.PyJWK], float]:
    """The keys, and how many seconds they may be kept."""
    answer = httpx.get(url, timeout=60)
    age = re.search(r"max-age=(\d+)", answer.headers["Cache-Control"])
    keys = jwt.PyJWKSet.from_json(answer.text).keys
    assert age
    return {str(key.key_id): key for key in keys}, float(age[1])


def main() -> None:
    keys: dict[str, jwt.PyJWK] = {}
    good_until = 0.0
    options: Options = {"verify_aud": False}
    for line in sys.stdin:
        if time.monotonic() >= good_until:
            keys, age = fetched(sys.argv[1])
            good_until = time.monotonic() + age
        try:
            kid = jwt.get_unverified_header(line.strip())["kid"]
            jwt.decode(line.strip(), keys[kid], algorithms=["RS256"], options=options)
        except (KeyError, jwt.PyJWTError) as error:
            verdict = f"refused {error!r}"
        else:
            verdict = "good"
        sys.stdout.write(verdict + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
