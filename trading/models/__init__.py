from trading.models.account import AccountStatus, TradingAccount
from trading.models.broker_session import BrokerSession, SessionEnd
from trading.models.credential import CredentialKind, CredentialStatus, CredentialVersion
from trading.models.login_attempt import LoginAttempt
from trading.models.membership import Membership, MembershipStatus, Permission
from trading.models.ownership_transfer import OwnershipTransfer, TransferStatus
from trading.models.paper import PaperProfile, PaperSession
from trading.models.sync_run import SyncOutcome, SyncRun, SyncTrigger

__all__ = [
    "AccountStatus",
    "BrokerSession",
    "CredentialKind",
    "CredentialStatus",
    "CredentialVersion",
    "LoginAttempt",
    "Membership",
    "MembershipStatus",
    "OwnershipTransfer",
    "PaperProfile",
    "PaperSession",
    "Permission",
    "SessionEnd",
    "SyncOutcome",
    "SyncRun",
    "SyncTrigger",
    "TradingAccount",
    "TransferStatus",
]
