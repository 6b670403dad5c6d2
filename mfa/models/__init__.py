from mfa.models.backup_code import BackupCode
from mfa.models.passkey import Passkey
from mfa.models.passkey_challenge import PasskeyChallenge
from mfa.models.reset_request import ResetRequest
from mfa.models.totp_device import TotpDevice

__all__ = ["BackupCode", "Passkey", "PasskeyChallenge", "ResetRequest", "TotpDevice"]
