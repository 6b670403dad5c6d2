"""Why there is no backup, or nothing was restored: said to whoever runs the command."""


class BackupError(Exception):
    """A backup could not be made, or cannot be restored here."""
