"""`manage.py signing_keys`"""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import SigningKey
from accounts.services import jwk, signing_keys

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("signing_keys", *arguments, stdout=out)
    return out.getvalue()


def states() -> dict[str, str]:
    return dict(SigningKey.objects.values_list("kid", "state"))


@pytest.fixture
def ready_to_rotate(environment: Any) -> signing_keys.KeyChange:
    environment(jwks_max_age=0, clock_leeway=0)
    return signing_keys.tend()


def test_list_says_that_there_is_none_yet() -> None:
    assert "No signing key yet" in run("list")


def test_list_shows_every_key_with_its_state() -> None:
    born = signing_keys.tend()

    lines = run("list").splitlines()

    assert [line.split()[:2] for line in lines] == [
        [born.published, "next"],
        [born.activated, "active"],
    ]


def test_list_for_machines_has_the_dates() -> None:
    key = signing_keys.ensure_first()

    [listed] = json.loads(run("list", "--json"))

    assert (listed["kid"], listed["state"], listed["algorithm"]) == (key.kid, "active", "RS256")
    assert listed["since"] == listed["activated_at"] == key.state_since.isoformat("T", "seconds")
    assert listed["retired_at"] is None


def test_rotate_makes_the_first_key() -> None:
    done = json.loads(run("rotate", "--json"))

    assert states() == {done["activated"]: "active"}


def test_rotate_replaces_the_active_key(ready_to_rotate: signing_keys.KeyChange) -> None:
    done = run("rotate")

    assert done.startswith("Done:")
    assert f"activated: {ready_to_rotate.published}" in done
    assert states()[ready_to_rotate.activated] == "retiring"


def test_a_dry_run_says_what_would_happen_and_does_nothing(
    ready_to_rotate: signing_keys.KeyChange,
) -> None:
    before = states()

    for arguments in (["rotate"], ["revoke", ready_to_rotate.activated, "--reason", "x"]):
        told = json.loads(run(*arguments, "--dry-run", "--json"))
        assert told["dry_run"] is True
        assert told["activated"] == ready_to_rotate.published
        assert states() == before
    assert run("rotate", "--dry-run").startswith("Would have done:")


def test_rotate_fails_while_the_next_key_is_too_young() -> None:
    signing_keys.tend()

    with pytest.raises(CommandError, match="may sign from"):
        run("rotate")


def test_revoke_takes_the_key_out_and_keeps_the_reason() -> None:
    kid = signing_keys.ensure_first().kid

    done = json.loads(run("revoke", kid, "--reason", "laptop stolen", "--json"))

    assert done["revoked"] == kid
    assert states()[done["activated"]] == "active"
    assert SigningKey.objects.get(kid=kid).revocation_reason == "laptop stolen"


def test_revoke_wants_a_reason_and_a_key_that_is_there() -> None:
    kid = signing_keys.ensure_first().kid

    with pytest.raises(CommandError, match="--reason"):
        run("revoke", kid)
    with pytest.raises(CommandError, match="No such signing key"):
        run("revoke", "nobody", "--reason", "x")
    assert states() == {kid: "active"}


def test_no_private_key_is_ever_printed() -> None:
    signing_keys.tend()

    for text in (run("list"), run("list", "--json")):
        assert "PRIVATE" not in text
        assert "sealed" not in text


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run("--help")

    assert end.value.code == 0
    assert "manage.py signing_keys rotate --dry-run" in capsys.readouterr().out


def test_no_kid_reads_as_an_option_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    kids = iter(["-starts-with-a-dash", "fine"])
    monkeypatch.setattr(jwk, "thumbprint", lambda _: next(kids))

    assert jwk.generate("RS256").kid == "fine"
