"""Made-up rows with secrets for tests."""

from uuid import uuid4

from config.telemetry import planted_secrets
from config.vault.sealing import seal_field
from config.vault.subjects import KeySubject
from config.vault.tests.models import Note

SECRET = b"kX9-the-planted-secret-2fQ"
planted_secrets.add(SECRET.decode())


def a_subject() -> KeySubject:
    """One that no other test has."""
    return KeySubject("user", f"usr_{uuid4().hex}")


def a_note(*, owner: str = "", secret: bytes = SECRET) -> Note:
    """A stored note whose `secret` is sealed, read back from the database."""
    note = Note(owner=owner or a_subject().id)
    seal_field(note, "secret", secret)
    note.save()
    return Note.objects.get(pk=note.pk)
