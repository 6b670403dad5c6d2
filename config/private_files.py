"""Files that hold a secret: who may reach them."""

import os
import stat

ROOT = 0


def is_exposed(status: os.stat_result) -> bool:
    """Whether others than the file's owner have any right on it.

    A file of root's may let its group read: orchestrators hand secrets over like this (a Kubernetes volume with
    `fsGroup`), and who can become root or enter that group has won already. PostgreSQL has the same rule for its key.
    """
    allowed = stat.S_IRUSR | stat.S_IWUSR | (stat.S_IRGRP if status.st_uid == ROOT else 0)
    others = stat.S_IMODE(status.st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    return bool(others & ~allowed)
