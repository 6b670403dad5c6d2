from trading.models.account import AccountStatus, BrokerName, TradingAccount
from trading.models.broker_session import BrokerSession, SessionEnd
from trading.models.credential import CredentialKind, CredentialStatus, CredentialVersion
from trading.models.login_attempt import LoginAttempt
from trading.models.membership import Membership, MembershipStatus, Permission

__all__ = [
    "AccountStatus",
    "BrokerName",
    "BrokerSession",
    "CredentialKind",
    "CredentialStatus",
    "CredentialVersion",
    "LoginAttempt",
    "Membership",
    "MembershipStatus",
    "Permission",
    "SessionEnd",
    "TradingAccount",
]
