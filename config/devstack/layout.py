"""Where everything of one state folder lives.

A layout follows from the folder's path alone, so that `manage.py` in another shell finds the servers of a running
`make serve` without being told.
"""

import hashlib
import os
import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes, token_urlsafe

from config.devstack.files import keep

DATABASE_NAME = "gatehouse"
DATABASE_USER = "postgres"
POSTGRES_SOCKET = ".s.PGSQL.5432"

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the final zero.
SOCKET_PATH_LIMIT = 103
# What neither a URL nor libpq (which splits hosts at commas) reads as something else.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+")
# Not tempfile.gettempdir(): two shells of one person may differ in TMPDIR and must agree on the path.
SHORT_PATHS = Path("/tmp")  # noqa: S108 - the folder below it is made private and its owner checked


@dataclass(frozen=True)
class Layout:
    """The paths and addresses of one state folder."""

    state_dir: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "state_dir", self.state_dir.expanduser().resolve())

    @property
    def postgres_data(self) -> Path:
        return self.state_dir / "postgres"

    @property
    def postgres_draft(self) -> Path:
        """Where a new cluster is made; it moves to its place when it is whole."""
        return self.state_dir / "postgres-draft"

    @property
    def valkey_data(self) -> Path:
        return self.state_dir / "valkey"

    @property
    def logs(self) -> Path:
        return self.state_dir / "logs"

    @property
    def mail(self) -> Path:
        """Where the mails of development land, one `.eml` file each."""
        return self.state_dir / "mail"

    @property
    def keys(self) -> Path:
        return self.state_dir / "keys"

    @property
    def metrics(self) -> Path:
        """Where the processes of one start keep their counts (PROMETHEUS_MULTIPROC_DIR)."""
        return self.state_dir / "metrics"

    @property
    def simulator_state(self) -> Path:
        return self.state_dir / "simulator.json"

    @property
    def lock_file(self) -> Path:
        return self.state_dir / "lock"

    @property
    def runner_file(self) -> Path:
        return self.state_dir / "runner.json"

    @property
    def ports_file(self) -> Path:
        return self.state_dir / "ports.json"

    @property
    def sockets(self) -> Path:
        """Holds the folders of both sockets: in the state folder, or in /tmp where that path cannot be an address."""
        inside = self.state_dir / "sockets"
        longest = os.fsencode(inside / "postgres" / POSTGRES_SOCKET)
        if len(longest) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(inside)):
            return inside
        digest = hashlib.sha256(os.fsencode(self.state_dir)).hexdigest()
        return SHORT_PATHS / f"gatehouse-{digest[:16]}"

    @property
    def postgres_sockets(self) -> Path:
        return self.sockets / "postgres"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey" / "valkey.sock"

    @property
    def database_url(self) -> str:
        return self.database_url_of(DATABASE_NAME)

    def database_url_of(self, name: str) -> str:
        return f"postgresql://{DATABASE_USER}@/{name}?host={self.postgres_sockets}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.valkey_socket}"

    @property
    def everything(self) -> list[Path]:
        """All that we put into the state folder, and beside it."""
        folders = [
            self.postgres_data,
            self.postgres_draft,
            self.valkey_data,
            self.logs,
            self.mail,
            self.keys,
            self.metrics,
            self.sockets,
        ]
        return [*folders, self.simulator_state, self.ports_file, self.runner_file, self.lock_file]

    def django_secret(self) -> str:
        """Django's signing key of this state folder, made when first asked for."""
        return keep(self.keys / "django-secret", lambda: token_urlsafe(48)).read_text()

    def vault_key_file(self) -> Path:
        """The file (mode 0600) with the vault's key-encryption key in base64, made when first asked for."""
        return keep(self.keys / "vault-key", lambda: b64encode(token_bytes(32)).decode())
