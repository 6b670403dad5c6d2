"""After a backup was restored: does the trail still say what it said?"""

from audit.services import chaining, verification
from config.backup.errors import BackupError


def verify_trail() -> str:
    """Raises BackupError when the verification finds anything."""
    chaining.chain_waiting()
    verified = verification.verify()
    if verified.findings.total:
        raise BackupError(
            f"The trail is not as it was written: {verified.findings.total} findings. "
            "`manage.py audit_verify` names them; restore another backup."
        )
    return f"{verified.rows} rows, all as they were written"
