"""The tokens that were verified lately, so that the next request with one need not pay for the signature again."""

import hashlib
import threading
from collections import OrderedDict

from django.conf import settings

from accounts.services.token_profile import Claims


class RememberedTokens:
    """What each token was found to say, under the token's SHA-256: the tokens themselves are not kept.

    Holds the `remembered_tokens` most recently used. Safe to use from many threads. Whether the signing key is still
    trusted and the token not expired is for the caller to check at each use.
    """

    def __init__(self) -> None:
        self._claims: OrderedDict[bytes, Claims] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._claims)

    def get(self, token: str) -> Claims | None:
        digest = _digest(token)
        with self._lock:
            claims = self._claims.get(digest)
            if claims is not None:
                self._claims.move_to_end(digest)
        return claims

    def put(self, token: str, claims: Claims) -> None:
        with self._lock:
            self._claims[_digest(token)] = claims
            while len(self._claims) > settings.ENVIRONMENT.remembered_tokens:
                self._claims.popitem(last=False)

    def drop(self, token: str) -> None:
        with self._lock:
            self._claims.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
