"""What the driver raises when a session ended under us.

A pooler may give us a session that PostgreSQL is just ending, and pass its last words on beside the answer to our own
first one ("received 2 results from command 'BEGIN'"): that is an InternalError.
"""

import psycopg
from django.db import InterfaceError, InternalError, OperationalError

LOST_SESSION = (OperationalError, InterfaceError, InternalError)  # through Django
LOST_RAW_SESSION = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError)
