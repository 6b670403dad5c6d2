"""AMQP over TLS with servers whose certificate is for the name by which they are called."""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.pyamqp import SSLTransport


class NameCheckingTransport(SSLTransport):
    """Kombu's own asks for a certificate under an authority that is trusted, and takes one for any name."""

    def establish_connection(self) -> Any:
        """Raises OSError for a server that is away, or that does not prove to be who it is called."""
        client: Any = self.client
        client.ssl = {"server_hostname": client.hostname}
        return super().establish_connection()


def check_names() -> None:
    """From now on `amqps://` is this one's; also for those of several servers that are called later."""
    TRANSPORT_ALIASES["amqps"] = f"{__name__}:{NameCheckingTransport.__name__}"
