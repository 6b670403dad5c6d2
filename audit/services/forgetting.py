"""Takes a person's data out of the trail without breaking its chains (ADR 0170)."""

from django.db import connection, transaction

from audit.services.chaining import hold_still

FORGET_ROWS = """
    UPDATE audit_authevent
       SET ip = NULL, country = '', asn = NULL, device_fingerprint = '', user_agent = '', risk_signals = '[]',
           metadata = '{}'
     WHERE subject_user_id = %s OR (actor_type = 'user' AND actor_id = %s)
 RETURNING event_id
"""
DESTROY_SALTS = (
    "UPDATE audit_chainlink SET salt = NULL WHERE event_id = ANY(%s) AND salt IS NOT NULL"
)


def forget_person(*, user_id: str) -> int:
    """Blank the personal fields of every row about or by this person (public id), and destroy the salts that could tell
    what they held; returns how many rows. That, when, what kind and how it ended stay, under the id.

    To be called in the transaction that writes the person's `account.erased` row: verification takes blanked rows of
    anybody else for tampering.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        hold_still()
        cursor.execute("SELECT set_config('audit.forgetting', %s, true)", [user_id])
        cursor.execute(FORGET_ROWS, [user_id, user_id])
        events = [event_id for (event_id,) in cursor.fetchall()]
        cursor.execute(DESTROY_SALTS, [events])
        cursor.execute("SELECT set_config('audit.forgetting', '', true)")
    return len(events)
