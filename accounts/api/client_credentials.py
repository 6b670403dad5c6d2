"""Reading a token request: the form, and the client's credentials in it or in the header (RFC 6749)."""

import base64
import binascii
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import parse_qsl, unquote_plus

from rest_framework.parsers import BaseParser

from accounts.errors import InvalidClientError, InvalidTokenRequestError
from accounts.services.client_authentication import PresentedSecret

MOST_PARAMETERS = 32


class OAuthFormParser(BaseParser):
    """A form as OAuth wants it: UTF-8, no parameter twice, and one without a value counts as left out
    (RFC 6749 section 3.2).
    """

    media_type = "application/x-www-form-urlencoded"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, str]:
        try:
            pairs = parse_qsl(
                stream.read().decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=MOST_PARAMETERS,
            )
        except ValueError:
            raise InvalidTokenRequestError("The body is not a form in UTF-8.") from None
        parameters = dict(pairs)
        if len(parameters) != len(pairs):
            raise InvalidTokenRequestError("A parameter is given twice.")
        return {name: value for name, value in parameters.items() if value}


def presented_secret(authorization: str | None, form: Mapping[str, str]) -> PresentedSecret:
    """The client's credentials: HTTP Basic, or `client_id` and `client_secret` in the form; never both.

    Raises InvalidClientError when there are none that can be read, InvalidTokenRequestError for both.
    """
    if authorization is None:
        if "client_id" not in form or "client_secret" not in form:
            raise InvalidClientError
        return PresentedSecret(
            client_id=form["client_id"], secret=form["client_secret"], method="client_secret_post"
        )
    if "client_secret" in form:
        raise InvalidTokenRequestError("The client authenticates in two ways at once.")
    client_id, secret = _read_basic(authorization)
    if form.get("client_id", client_id) != client_id:
        raise InvalidTokenRequestError("The header and the form name different clients.")
    return PresentedSecret(client_id=client_id, secret=secret, method="client_secret_basic")


def _read_basic(authorization: str) -> tuple[str, str]:
    """Id and secret, each form-encoded before they were joined (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        joined = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        client_id, colon, secret = joined.partition(":")
        decoded = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise InvalidClientError from None
    if scheme.lower() != "basic" or not colon:
        raise InvalidClientError
    return decoded
