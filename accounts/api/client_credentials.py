"""Reading a token request: the form, and the client's credentials in it or in the header (RFC 6749)."""

import base64
import binascii
from collections.abc import Mapping
from typing import IO, Any, ClassVar
from urllib.parse import parse_qsl, unquote_plus

from rest_framework.parsers import BaseParser

from accounts.errors import InvalidClientError, InvalidTokenRequestError
from accounts.services.client_authentication import (
    Presented,
    PresentedAssertion,
    PresentedSecret,
)

MOST_PARAMETERS = 32
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523 section 2.2


class OAuthFormParser(BaseParser):
    """A form as OAuth wants it: UTF-8, no parameter twice, and one without a value counts as left out
    (RFC 6749 section 3.2).
    """

    media_type = "application/x-www-form-urlencoded"
    not_utf8: ClassVar[str] = "strict"  # what becomes of it: see `bytes.decode`

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
                errors=self.not_utf8,
                max_num_fields=MOST_PARAMETERS,
            )
        except ValueError:
            raise InvalidTokenRequestError("The body is not a form in UTF-8.") from None
        parameters = dict(pairs)
        if len(parameters) != len(pairs):
            raise InvalidTokenRequestError("A parameter is given twice.")
        return {name: value for name, value in parameters.items() if value}


class TokenFormParser(OAuthFormParser):
    """The same for a form that names a token: one with other bytes in it is an unknown token, not a mistake."""

    not_utf8 = "replace"


def presented_credentials(authorization: str | None, form: Mapping[str, str]) -> Presented:
    """The client's credentials: HTTP Basic, `client_id` and `client_secret` in the form, or a signed assertion there;
    never two of them.

    Raises InvalidClientError when there are none that can be read, InvalidTokenRequestError for several.
    """
    ways = [authorization is not None, "client_secret" in form, "client_assertion" in form]
    if sum(ways) > 1:
        raise InvalidTokenRequestError("The client authenticates in two ways at once.")
    if authorization is not None:
        return _in_header(authorization, form)
    if "client_assertion" in form:
        return _assertion(form)
    if "client_id" not in form or "client_secret" not in form:
        raise InvalidClientError
    return PresentedSecret(
        client_id=form["client_id"], secret=form["client_secret"], method="client_secret_post"
    )


def _in_header(authorization: str, form: Mapping[str, str]) -> PresentedSecret:
    client_id, secret = _read_basic(authorization)
    if form.get("client_id", client_id) != client_id:
        raise InvalidTokenRequestError("The header and the form name different clients.")
    return PresentedSecret(client_id=client_id, secret=secret, method="client_secret_basic")


def _assertion(form: Mapping[str, str]) -> PresentedAssertion:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise InvalidTokenRequestError(f"The client_assertion_type must be {ASSERTION_TYPE}.")
    return PresentedAssertion(
        assertion=form["client_assertion"], client_id=form.get("client_id", "")
    )


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
