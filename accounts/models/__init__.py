from accounts.models.api_key import ApiKey
from accounts.models.blocked_sign_in import BlockedSignIn
from accounts.models.email_change import EmailChange
from accounts.models.preferences import Preferences
from accounts.models.refresh_family import RefreshFamily
from accounts.models.service_client import ClientSecret, ServiceClient
from accounts.models.session import Session
from accounts.models.sign_in_throttle import SignInThrottle
from accounts.models.signing_key import SigningKey
from accounts.models.single_use_token import SingleUseToken
from accounts.models.token_ids import RevokedToken, UsedAssertion
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "BlockedSignIn",
    "ClientSecret",
    "EmailChange",
    "Preferences",
    "RefreshFamily",
    "RevokedToken",
    "ServiceClient",
    "Session",
    "SignInThrottle",
    "SigningKey",
    "SingleUseToken",
    "UsedAssertion",
    "User",
]
