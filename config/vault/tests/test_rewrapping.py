"""After a change of the key-encryption key: every data key under the new one, whatever happens meanwhile."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from prometheus_client import REGISTRY

from config.jobs.models import JobState
from config.vault import rewrapping
from config.vault.errors import KeyDestroyedError, VaultUnavailableError
from config.vault.facts import vault_facts
from config.vault.models import DataKey
from config.vault.opened_keys import opened_keys
from config.vault.providers import configured
from config.vault.rewrapping import Progress
from config.vault.sealing import open_field, shred
from config.vault.tests.factories import SECRET, a_note, a_subject
from config.vault.tests.key_services import aws_settings, transit_settings
from config.vault.tests.models import Note
from config.vault.tests.transit_server import TransitServer
from tests.killing import steps_of_death
from tests.racing import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sealed_tables")]
REWRAP = "/v1/transit/rewrap/gatehouse"


@pytest.fixture
def in_transit(environment: Callable[..., None], transit: TransitServer) -> TransitServer:
    environment(**transit_settings(transit))
    return transit


def key_of(note: Note) -> DataKey:
    return DataKey.objects.of_subject(note.key_subject).get()


def rewrap(*arguments: str) -> str:
    out = StringIO()
    call_command("vault_rewrap", *arguments, stdout=out)
    return out.getvalue()


def assert_open(notes: list[Note]) -> None:
    """From what the database has now, and nothing remembered."""
    opened_keys.clear()
    for note in notes:
        assert open_field(Note.objects.get(pk=note.pk), "secret") == SECRET


def test_a_rotated_key_takes_over_and_what_is_sealed_is_left_alone(
    in_transit: TransitServer,
) -> None:
    notes = [a_note() for _ in range(3)]
    in_transit.keys["gatehouse"].rotate()
    in_transit.journal.clear()
    assert "3 wrapped again" in rewrap()
    assert {key_of(note).kek_version for note in notes} == {2}
    assert {path for path in in_transit.journal if "/keys/" not in path} == {REWRAP}
    for note in notes:
        assert bytes(Note.objects.get(pk=note.pk).secret or b"") == bytes(note.secret or b"")
    in_transit.keys["gatehouse"].oldest_allowed = 2
    assert_open(notes)


def test_moving_to_another_provider_takes_every_data_key_along(
    environment: Callable[..., None], transit: TransitServer
) -> None:
    notes = [a_note() for _ in range(3)]
    environment(**transit_settings(transit))
    rewrap()
    assert {key_of(note).provider for note in notes} == {"vault"}
    environment(**transit_settings(transit), vault_local_key=None)
    assert_open(notes)


def test_in_aws_an_alias_that_moved_takes_them_along(
    environment: Callable[..., None], aws_kms: Any, kms_url: str
) -> None:
    old, new = (aws_kms.create_key()["KeyMetadata"] for _ in range(2))
    environment(**aws_settings(kms_url, old["Arn"]))
    notes = [a_note(), a_note()]
    environment(**aws_settings(kms_url, new["Arn"]))
    rewrap()
    aws_kms.disable_key(KeyId=old["KeyId"])
    assert {key_of(note).kek_id for note in notes} == {new["Arn"]}
    assert_open(notes)


def test_a_dry_run_counts_and_changes_nothing(in_transit: TransitServer) -> None:
    note = a_note()
    in_transit.keys["gatehouse"].rotate()
    before = key_of(note)
    told = json.loads(rewrap("--dry-run", "--json"))
    assert told == {
        "dry_run": True,
        "pending": 1,
        "kek": {"provider": "vault", "id": "transit/gatehouse", "version": 2},
    }
    assert bytes(key_of(note).wrapped or b"") == bytes(before.wrapped or b"")


def test_again_it_finds_nothing_to_do(in_transit: TransitServer) -> None:
    a_note()
    in_transit.keys["gatehouse"].rotate()
    assert json.loads(rewrap("--json")) == {
        "rewrapped": 1,
        "overtaken": 0,
        "refused": 0,
        "left": 0,
    }
    assert json.loads(rewrap("--json"))["rewrapped"] == 0


def test_killed_at_every_step_every_secret_opens_and_another_run_finishes(
    in_transit: TransitServer, environment: Callable[..., None]
) -> None:
    environment(**transit_settings(in_transit), rewrap_batch_size=2)
    notes = [a_note() for _ in range(3)]
    in_transit.keys["gatehouse"].rotate()
    deaths = 0
    for _ in steps_of_death(rewrap_in_a_process_of_its_own):
        deaths += 1
        assert_open(notes)
        rewrapping.rewrap_all()
        assert rewrapping.pending() == 0
        assert_open(notes)
        in_transit.keys["gatehouse"].rotate()
    assert deaths >= 2 * len(notes)


def rewrap_in_a_process_of_its_own() -> None:
    """With a connection to the key service of its own, too."""
    configured._made_transit.cache_clear()
    rewrapping.rewrap_all()


def test_a_key_service_that_goes_away_in_between_stops_it_and_another_run_finishes(
    in_transit: TransitServer,
) -> None:
    notes = [a_note() for _ in range(3)]
    in_transit.keys["gatehouse"].rotate()

    def seal_after_the_first(path: str) -> None:
        in_transit.sealed = in_transit.journal.count(REWRAP) > 1

    in_transit.on_request = seal_after_the_first
    with pytest.raises(CommandError, match="Nothing is lost"):
        rewrap()
    in_transit.on_request = lambda _: None
    in_transit.sealed = False
    assert sorted(key_of(note).kek_version for note in notes) == [1, 1, 2]
    assert_open(notes)
    assert "2 wrapped again" in rewrap()
    assert_open(notes)


def test_a_key_that_is_shredded_meanwhile_stays_shredded(in_transit: TransitServer) -> None:
    note = a_note()
    in_transit.keys["gatehouse"].rotate()

    def shred_it(path: str) -> None:
        if path == REWRAP:
            shred(note.key_subject)
            connections.close_all()  # this thread's

    in_transit.on_request = shred_it
    assert rewrapping.rewrap_all() == Progress(overtaken=1)
    assert key_of(note).is_destroyed
    with pytest.raises(KeyDestroyedError):
        open_field(note, "secret")


def test_what_is_sealed_meanwhile_opens_afterwards(in_transit: TransitServer) -> None:
    old = [a_note() for _ in range(3)]
    in_transit.keys["gatehouse"].rotate()
    done, *new = at_once(rewrapping.rewrap_all, *[a_note] * 3)
    assert done.refused == 0
    assert_open([*old, *new])
    assert rewrapping.pending() == 0


def test_runs_at_the_same_time_share_the_work(in_transit: TransitServer) -> None:
    notes = [a_note() for _ in range(6)]
    in_transit.keys["gatehouse"].rotate()
    runs = at_once(*[rewrapping.rewrap_all] * 3)
    assert sum(run.rewrapped for run in runs) == len(notes)
    assert_open(notes)


def test_a_data_key_that_does_not_open_is_left_named_and_hides_no_other(
    in_transit: TransitServer,
) -> None:
    broken, whole = a_note(), a_note()
    foreign = key_of(whole).wrapped
    DataKey.objects.of_subject(broken.key_subject).update(wrapped=foreign)
    in_transit.keys["gatehouse"].rotate()
    before = REGISTRY.get_sample_value(
        "gatehouse_vault_open_failures_total", {"outcome": "refused"}
    )
    with pytest.raises(CommandError, match="do not open"):
        rewrap()
    after = REGISTRY.get_sample_value("gatehouse_vault_open_failures_total", {"outcome": "refused"})
    assert (after or 0) == (before or 0) + 1
    assert (key_of(broken).kek_version, key_of(whole).kek_version) == (1, 2)
    assert_open([whole])


def test_keys_that_were_destroyed_are_not_looked_at(in_transit: TransitServer) -> None:
    shred(a_note().key_subject)
    in_transit.keys["gatehouse"].rotate()
    assert rewrapping.pending() == 0


def test_the_workers_do_it_and_the_job_tells_how_far(in_transit: TransitServer) -> None:
    notes = [a_note() for _ in range(3)]
    in_transit.keys["gatehouse"].rotate()
    job = rewrapping.enqueue(owner=None)
    job.refresh_from_db()
    assert (job.kind, job.state, job.done, job.total) == (
        "vault.rewrap",
        JobState.SUCCEEDED,
        3,
        3,
    )
    assert job.result == {"rewrapped": 3, "overtaken": 0, "refused": 0, "left": 0}
    assert_open(notes)


def test_a_job_that_the_key_service_stops_has_failed_and_the_next_goes_on(
    in_transit: TransitServer,
) -> None:
    a_note()
    in_transit.keys["gatehouse"].rotate()
    in_transit.sealed = True
    job = rewrapping.enqueue(owner=None)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    in_transit.sealed = False
    rewrapping.enqueue(owner=None)
    assert rewrapping.pending() == 0


def test_what_does_not_fit_into_a_task_is_another_s(
    in_transit: TransitServer, environment: Callable[..., None]
) -> None:
    notes = [a_note() for _ in range(3)]
    in_transit.keys["gatehouse"].rotate()
    environment(**transit_settings(in_transit), rewrap_batch_size=1)
    assert rewrapping.rewrap_all(seconds=0) == Progress(rewrapped=1, left=2)
    assert_open(notes)


def test_the_command_can_leave_it_to_the_workers(in_transit: TransitServer) -> None:
    a_note()
    in_transit.keys["gatehouse"].rotate()
    assert json.loads(rewrap("--background", "--json"))["job"].startswith("job_")
    assert rewrapping.pending() == 0


def test_a_key_service_that_is_away_is_told_and_nothing_is_lost(in_transit: TransitServer) -> None:
    a_note()
    in_transit.sealed = True
    with pytest.raises(CommandError, match="Nothing is lost"):
        rewrap("--dry-run")


def waiting() -> dict[str, float]:
    return {
        sample.labels["provider"]: sample.value
        for family in vault_facts()
        for sample in family.samples
    }


def test_what_waits_is_a_metric(environment: Callable[..., None], transit: TransitServer) -> None:
    a_note()
    environment(**transit_settings(transit))
    assert waiting() == {"vault": 0, "local": 1}
    rewrap()
    assert waiting() == {"vault": 0}
    transit.keys["gatehouse"].rotate()
    assert waiting() == {"vault": 1}
    transit.sealed = True
    assert waiting() == {}


def test_what_wraps_now_is_not_asked_at_every_scrape(
    environment: Callable[..., None], transit: TransitServer
) -> None:
    environment(**transit_settings(transit) | {"kek_lookup_lifetime": 60})
    a_note(owner=a_subject().id)
    waiting()
    transit.journal.clear()
    waiting()
    assert transit.journal == []


def test_the_current_key_cannot_be_asked_for_without_a_key_service(
    in_transit: TransitServer,
) -> None:
    in_transit.sealed = True
    with pytest.raises(VaultUnavailableError):
        rewrapping.pending()
