"""Reading the mails that development has sent (`config.devstack.mail_backend` writes them)."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

FILE_NAME = re.compile(r"[0-9T.]+-[0-9a-f]{8}\.eml")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail, decoded. `html` is empty for a plain one."""

    name: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    date: str
    text: str
    html: str


def newest(folder: Path, *, most: int, to: str = "") -> list[Mail]:
    """The newest mails first, at most so many; with `to`, only those to that address."""
    found: list[Mail] = []
    for path in sorted(folder.glob("*.eml"), reverse=True):
        mail = read(folder, path.name)
        if mail and (not to or to.casefold() in map(str.casefold, mail.recipients)):
            found.append(mail)
        if len(found) == most:
            break
    return found


def read(folder: Path, name: str) -> Mail | None:
    """The mail in the file called `name`; None when there is no such file."""
    if not FILE_NAME.fullmatch(name):
        return None
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    message = message_from_bytes(content, policy=policy.default)
    return Mail(
        name=name,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        recipients=tuple(address for _, address in getaddresses([str(message["To"] or "")])),
        date=str(message["Date"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
