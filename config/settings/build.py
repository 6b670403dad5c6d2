"""Building an image: `collectstatic` as production will serve it, without a secret and without a database."""

from config.settings.base import *  # noqa: F403
from config.settings.services import STATIC_STORAGES

SECRET_KEY = "nothing is signed while an image is built"  # noqa: S105
STORAGES = STATIC_STORAGES
