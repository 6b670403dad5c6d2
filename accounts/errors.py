"""What can go wrong between a person and their account, with its tokens, and with the programs that call us."""

from collections.abc import Mapping
from typing import Any, ClassVar

from config.http.problems import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)


class InvalidCredentialsError(UnauthenticatedError):
    """E-mail and password do not open an account. The answer is the same for an unknown address, a wrong password,
    an account that may not sign in, and too many tries: nothing is learned from it. Check both, wait a few minutes,
    or reset the password.
    """

    slug = "invalid-credentials"
    title = "E-mail or password is not right"


class AccountClosedError(InvalidCredentialsError):
    """The password is right, and the person has closed the account and can still take it back. Only sign-in by the API
    says so; everywhere else it is what it inherits from.
    """


class PasskeyRefusedError(UnauthenticatedError):
    """The passkey opens no account. The answer is the same for one that we do not know, one that does not fit, an
    account that may not sign in, and options that were used or are too old: nothing is learned from it. Ask for new
    options, or sign in with your password.
    """

    slug = "passkey-refused"
    title = "The passkey is not accepted"


class InvalidRefreshTokenError(UnauthenticatedError):
    """The refresh token is unknown, has been used, or its session has ended. Sign in again."""

    slug = "invalid-refresh-token"
    title = "The session cannot be continued"


class InvalidSingleUseTokenError(InvalidRequestError):
    """The token was used, has run out, or was never ours. Ask for a new one."""

    slug = "invalid-single-use-token"
    title = "The link or code is not good any more"


class PasswordNotAcceptableError(InvalidRequestError):
    """The new password does not meet the rules; `errors` says which."""

    slug = "password-not-acceptable"
    title = "This password cannot be used"


class TooManySignInsError(UnavailableError):
    """More passwords have to be checked at this moment than we have room for. Nothing was looked at or counted; try
    again after `Retry-After` seconds.
    """

    slug = "too-many-sign-ins"
    title = "Too many sign-ins at once"


class WrongPasswordError(InvalidRequestError):
    """The current password, asked for before a change, is not right."""

    slug = "wrong-password"
    title = "The current password is not right"


class EmailTakenError(ConflictError):
    """The address belongs to another account, or is kept for the one that had it until lately. Nothing was changed."""

    slug = "email-taken"
    title = "The address belongs to another account"


class EmailChangedLatelyError(ConflictError):
    """The address was changed a few days ago, and whoever reads the former one can still take that back. Until then it
    cannot be changed again.
    """

    slug = "email-changed-lately"
    title = "The address was changed only a few days ago"


class StatusTransitionError(ConflictError):
    """An account's state changes only along allowed arrows: this change is not one of them."""

    slug = "status-transition-not-allowed"
    title = "The account cannot change to that state"


class SessionNotFoundError(NotFoundError):
    """No such live session among the caller's own."""

    slug = "session-not-found"
    title = "No such session"


class ForeignOriginError(ForbiddenError):
    """A request that is authenticated by the refresh cookie must come from one of our own origins."""

    slug = "foreign-origin"
    title = "The request comes from another site"


class ProviderSignInRefusedError(ForbiddenError):
    """The account that this sign-in belongs to may not be used at present. The text is one for every cause."""

    slug = "provider-sign-in-refused"
    title = "This account cannot sign in"


class ProviderAddressNotVerifiedError(ForbiddenError):
    """The provider does not say that the e-mail address is the person's own. Confirm it there, then sign in again."""

    slug = "provider-address-not-verified"
    title = "The provider has not verified your e-mail address"


class PasswordWantedError(ConflictError):
    """The address belongs to an account already: its password, asked for once, connects the two."""

    slug = "password-wanted"
    title = "The address has an account already"

    def __init__(self, user: Any) -> None:
        super().__init__()
        self.user = user


class LinkedElsewhereError(ConflictError):
    """That account at the provider opens another account here, or another one of the same provider opens this."""

    slug = "linked-elsewhere"
    title = "That sign-in is connected already"


class LinkNotFoundError(NotFoundError):
    """No such connected sign-in among the person's own."""

    slug = "link-not-found"
    title = "No such connected sign-in"


class LastWayInError(ConflictError):
    """Without it nothing would open the account any more: set a password or connect another provider first."""

    slug = "last-way-in"
    title = "The last way in cannot be removed"


class ProviderNotConfiguredError(NotFoundError):
    """Signing in with this provider is not set up here."""

    slug = "provider-not-configured"
    title = "No such sign-in provider"


class ProviderUnavailableError(UnavailableError):
    """The provider does not answer as it should at the moment; try again, or sign in with your password."""

    slug = "provider-unavailable"
    title = "The provider cannot be reached"


class RedirectUriNotRegisteredError(InvalidRequestError):
    """The redirect URI is none of those registered with us, which are compared letter by letter."""

    slug = "redirect-uri-not-registered"
    title = "The redirect URI is not registered"


class InvalidHandoffRequestError(InvalidRequestError):
    """The address that an app opened for the sign-in is not one that we gave it, or is too old. Begin again there."""

    slug = "invalid-handoff-request"
    title = "This sign-in request is not good any more"


class InvalidTokenError(UnauthenticatedError):
    """The access token is not one of ours, has expired, or is not good any more (RFC 6750 section 3.1). The answer
    is one for every cause. Refresh it, or sign in again.
    """

    slug = "invalid-token"
    title = "The access token is not valid"

    def __init__(self) -> None:
        challenge = f'Bearer error="invalid_token", error_description="{self.title}"'
        super().__init__(headers={"WWW-Authenticate": challenge})


class InvalidApiKeyError(InvalidRequestError):
    """The name, scopes, networks or end of an API key are not acceptable; `errors` says which and why."""

    slug = "invalid-api-key"
    title = "The API key cannot be made like that"


class TooManyApiKeysError(ConflictError):
    """A person may have only so many working API keys. Revoke one that is not needed any more."""

    slug = "too-many-api-keys"
    title = "There are enough API keys"


class ApiKeyNotFoundError(NotFoundError):
    """No such API key among the caller's own, or it was revoked before."""

    slug = "api-key-not-found"
    title = "No such API key"


class NoSigningKeyError(UnavailableError):
    """No token can be signed yet: the first signing key is made within a minute of the start, or at once by
    `manage.py signing_keys rotate`.
    """

    slug = "no-signing-key"


class SigningKeyNotFoundError(NotFoundError):
    """No signing key has this `kid`."""

    slug = "signing-key-not-found"
    title = "No such signing key"


class SigningKeyStateError(ConflictError):
    """The key is not in a state from which this change is possible: it was retired or revoked before."""

    slug = "signing-key-state"
    title = "The signing key cannot change like that"


class KeyNotPublishedLongEnoughError(ConflictError):
    """The next key must be in the published key set for as long as others may keep that set, or they would refuse
    its first tokens. `ready_at` says when it may sign.
    """

    slug = "signing-key-not-published-long-enough"
    title = "The next signing key is too young"


class ServiceClientNotFoundError(NotFoundError):
    """No service client has this id."""

    slug = "service-client-not-found"
    title = "No such service client"


class ServiceClientExistsError(ConflictError):
    """A service client has this id already; ids are never used twice, not even after one was disabled."""

    slug = "service-client-exists"
    title = "The client id is taken"


class ServiceClientDisabledError(ConflictError):
    """The service client is disabled: it gets no new secret."""

    slug = "service-client-disabled"
    title = "The service client is disabled"


class ServiceClientHasNoKeysError(ConflictError):
    """The service client has no keys registered: without a secret it could not prove itself any more."""

    slug = "service-client-has-no-keys"
    title = "The service client has no keys"


class InvalidServiceClientError(InvalidRequestError):
    """The name, id, scopes, keys, networks or certificates of a service client are not acceptable; `errors` says which
    and why.
    """

    slug = "invalid-service-client"
    title = "The service client is not valid"


class OAuthError(InvalidRequestError):
    """Base of the errors of RFC 6749 section 5.2: a problem that also has the members `error` and
    `error_description`, where OAuth libraries look for them.
    """

    slug = "oauth"
    title = "The token request is not valid"
    error: ClassVar[str] = "invalid_request"

    def __init__(self, detail: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(
            detail,
            headers=headers,
            error=self.error,
            error_description=detail or self.title,
        )


class InvalidTokenRequestError(OAuthError):
    """`invalid_request`: a parameter is missing, given twice, or the body is not a form."""

    slug = "oauth-invalid-request"


class InvalidClientError(OAuthError):
    """`invalid_client`: the client is unknown or disabled, its secret is wrong, replaced or missing, its assertion is
    not good or was used before, or the request does not come from the networks or with the certificate that the client
    is bound to. The answer is one for every cause; our log names it.
    """

    slug = "oauth-invalid-client"
    title = "Client authentication failed"
    status = 401
    error = "invalid_client"

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Basic realm="gatehouse", charset="UTF-8"'})


class UnauthorizedClientError(OAuthError):
    """`unauthorized_client`: the token was issued to another client, and a client may revoke its own alone (RFC 7009
    section 2.1).
    """

    slug = "oauth-unauthorized-client"
    title = "The token is not the client's own"
    error = "unauthorized_client"


class UnsupportedTokenTypeError(OAuthError):
    """`unsupported_token_type`: not a token that is revoked here (RFC 7009 section 2.2.1). A person's API keys are
    revoked at `DELETE /v1/users/me/api-keys/{id}`.
    """

    slug = "oauth-unsupported-token-type"
    title = "The token is not revoked here"
    error = "unsupported_token_type"


class InvalidScopeError(OAuthError):
    """`invalid_scope`: the client asked for a scope that it was not given."""

    slug = "oauth-invalid-scope"
    title = "The scope is not granted"
    error = "invalid_scope"


class UnsupportedGrantTypeError(OAuthError):
    """`unsupported_grant_type`: this endpoint knows `client_credentials` alone."""

    slug = "oauth-unsupported-grant-type"
    title = "The grant type is not supported"
    error = "unsupported_grant_type"
