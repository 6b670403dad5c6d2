"""After a restore: are these the keys that the secrets were sealed under?"""

from config.backup.errors import BackupError
from config.http.problems import ProblemError
from config.vault import kms
from config.vault.models import DataKey


def open_one_of_each() -> str:
    """Open the newest data key under each key of the key service. Raises BackupError when one does not open."""
    newest = DataKey.objects.live().order_by("provider", "kek_id", "kek_version", "-pk")
    keys = list(newest.distinct("provider", "kek_id", "kek_version"))
    for row in keys:
        try:
            kms.unwrap(row.as_wrapped(), subject=row.subject)
        except ProblemError as error:
            raise BackupError(
                f"The data keys under {row.kek.id} of {row.provider} do not open: {error}. "
                "Give the service the key that the backup was made under."
            ) from None
    return f"open, of {len(keys)} keys of the key service"
