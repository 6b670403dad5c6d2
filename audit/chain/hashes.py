"""What is hashed, and how: the first version of the trail's format. Rows of it stay for years, so it never changes.

The hashes that others compute too are those of RFC 9162 section 2.1.1: a leaf begins with 0x00, a node with 0x01.
"""

import hashlib
import secrets
from datetime import date

SHARDS = 4  # chains a day; the trigger that queues rows knows the number too
SALT_SIZE = 16
CHAIN, LEAF, NODE, PERSONAL = b"\x02", b"\x00", b"\x01", b"\x03"

# PostgreSQL writes the canonical text, the same for whoever chains a row, verifies it, or proves it.
PUBLIC_TEXT = """json_build_array(
    'gatehouse.audit.v1', e.event_id, (extract(epoch FROM e.occurred_at) * 1000000)::bigint, e.event_type, e.outcome,
    e.actor_type, e.actor_id, e.subject_user_id, e.session_id, e.client_id, e.request_id, e.risk_score)::text"""
PERSONAL_TEXT = """json_build_array(
    e.ip::text, e.country, e.asn, e.device_fingerprint, e.user_agent, e.risk_signals, e.metadata)::text"""
FORGOTTEN_TEXT = (
    '[null, "", null, "", "", [], {}]'  # the personal text of a row whose person was erased
)


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_SIZE)


def commitment(salt: bytes, personal: str) -> bytes:
    """Binds a row to its personal fields, and says nothing about them once the salt is gone."""
    return hashlib.sha256(PERSONAL + salt + personal.encode()).digest()


def row_hash(public: str, committed: bytes) -> bytes:
    """The leaf of a row: its public text, and the commitment to the rest."""
    return hashlib.sha256(LEAF + public.encode() + committed).digest()


def first_hash(day: date, shard: int) -> bytes:
    """What the first row of a chain follows."""
    return hashlib.sha256(CHAIN + f"gatehouse.audit.v1 {day.isoformat()} {shard}".encode()).digest()


def next_hash(previous: bytes, row: bytes) -> bytes:
    """The hash of a chain that goes on with the row of this hash."""
    return hashlib.sha256(CHAIN + previous + row).digest()
