"""What a backup says of itself: when it was made, of what, and what each of its files must hash to."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from config.backup.errors import BackupError

NAME = "manifest.json"
DATABASE, LEDGER = "database.dump", "erasures.jsonl"
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`migrations` are those that were applied, `files` the SHA-256 of each."""

    made_at: str
    postgresql: int
    extensions: list[str]
    migrations: list[str]
    files: dict[str, str]
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Of a backup that is whole. Raises BackupError when it is not, or not of a kind that we know."""
        try:
            told = json.loads((folder / NAME).read_text())
            manifest = cls(**told)
        except (OSError, ValueError, TypeError):
            raise BackupError(f"{folder} holds no backup of ours.") from None
        if manifest.format != FORMAT:
            raise BackupError(f"{folder} has the format {manifest.format}; we know {FORMAT}.")
        for name, digest in manifest.files.items():
            path = folder / name
            if not path.exists() or digest_of(path) != digest:
                raise BackupError(f"{path} is missing or not what was written.")
        return manifest


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
