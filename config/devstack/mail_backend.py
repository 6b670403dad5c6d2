"""Mail in development: a file for each message, which `/dev/mail/` shows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from secrets import token_hex

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from config.devstack.files import private_folder, replace


class EmlBackend(BaseEmailBackend):
    """Writes each message to a `.eml` file in DEVSTACK_MAIL; the names sort by time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = private_folder(settings.DEVSTACK_MAIL)
        for message in email_messages:
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{token_hex(4)}.eml"
            replace(folder / name, message.message().as_bytes())
        return len(email_messages)
