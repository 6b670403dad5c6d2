from mfa.models.backup_code import BackupCode
from mfa.models.totp_device import TotpDevice

__all__ = ["BackupCode", "TotpDevice"]
