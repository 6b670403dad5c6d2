"""Many threads that seal for a new subject at once agree on one data key."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, transaction

from config.vault.errors import OpenFailedError
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.sealing import open_field, seal_field, shred
from config.vault.tests.factories import a_note, a_subject
from config.vault.tests.models import Note

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sealed_tables"),
]
THREADS = 12
T = TypeVar("T")


def at_once(work: Callable[[int], T]) -> list[T]:
    """`work(n)` in THREADS threads that start together, each with a connection of its own."""
    gate = threading.Barrier(THREADS)

    def run(number: int) -> T:
        try:
            gate.wait(timeout=30)
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_concurrent_first_sealings_make_one_data_key_and_every_secret_opens() -> None:
    subject = a_subject()

    def seal(number: int) -> Note:
        with transaction.atomic():
            note = Note(owner=subject.id)
            seal_field(note, "secret", f"secret {number}".encode())
            note.save()
        return note

    notes = at_once(seal)
    assert len(opened_keys) == 1  # the keys that came second were never anybody's
    opened_keys.clear()
    assert DataKey.objects.of_subject(subject).count() == 1
    assert [open_field(note, "secret") for note in notes] == [
        f"secret {number}".encode() for number in range(THREADS)
    ]


def test_a_first_sealing_that_rolls_back_leaves_the_next_one_a_key_of_its_own() -> None:
    subject = a_subject()
    sealed, rolled_back = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                seal_field(Note(owner=subject.id), "secret", b"lost")
                sealed.set()
                transaction.set_rollback(True)
        finally:
            connection.close()
            rolled_back.set()

    thread = threading.Thread(target=first)
    thread.start()
    assert sealed.wait(30)
    note = Note(owner=subject.id)
    seal_field(note, "secret", b"kept")
    thread.join(30)
    assert rolled_back.is_set()
    opened_keys.clear()
    assert open_field(note, "secret") == b"kept"


def test_concurrent_shreddings_destroy_the_key_once() -> None:
    note = a_note()
    assert at_once(lambda _: shred(note.key_subject)).count(True) == 1


def test_openings_during_a_shredding_either_work_or_say_that_the_key_is_gone() -> None:
    note = a_note(secret=b"whole")

    def work(number: int) -> bytes | str:
        if number == 0:
            shred(note.key_subject)
            return "destroyed"
        try:
            return open_field(note, "secret")
        except OpenFailedError as error:
            return error.outcome

    assert set(at_once(work)) <= {b"whole", "destroyed"}
