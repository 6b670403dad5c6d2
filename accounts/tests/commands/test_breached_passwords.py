"""`manage.py breached_passwords`"""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.services import breached_passwords
from accounts.services.breached_passwords import is_breached

COMMON, RARE = "Seen in many places 1", "Seen in one place 1"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("breached_passwords", *arguments, stdout=out)
    return out.getvalue()


def sha(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture(autouse=True)
def _lists_are_loaded_anew() -> Iterator[None]:
    breached_passwords._loaded.cache_clear()
    yield
    breached_passwords._loaded.cache_clear()


@pytest.fixture
def target(tmp_path: Path, environment: Callable[..., None]) -> Path:
    path = tmp_path / "breached"
    environment(breached_passwords_file=path)
    return path


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.txt"
    path.write_text(f"{sha(COMMON)}:120\r\n{sha(RARE)}:2\r\nsecret typo\r\n{sha('x')[:35]}:9\r\n")
    return path


def test_a_dump_of_hashes_becomes_the_list(target: Path, dump: Path) -> None:
    told = json.loads(run("update", str(dump), "--json"))
    assert (told["lines"], told["passwords"], told["bad"]) == (4, 2, 2)
    assert told["bytes"] == target.stat().st_size
    assert is_breached(COMMON)
    assert is_breached(RARE)


def test_a_gzipped_one_as_well(target: Path, dump: Path, tmp_path: Path) -> None:
    zipped = tmp_path / "dump.gz"
    zipped.write_bytes(gzip.compress(dump.read_bytes()))
    run("update", str(zipped))
    assert is_breached(COMMON)


def test_min_count_leaves_out_what_is_rare(target: Path, dump: Path) -> None:
    told = json.loads(run("update", str(dump), "--min-count", "100", "--json"))
    assert (told["passwords"], told["below_min_count"]) == (1, 1)
    assert is_breached(COMMON)
    assert not is_breached(RARE)


def test_bad_lines_are_named_by_number_and_never_shown(target: Path, dump: Path) -> None:
    told = run("update", str(dump))
    assert "2 bad lines" in told
    assert "line 3: not 40 hex digits" in told
    assert "line 4: not 40 hex digits" in told
    assert "secret typo" not in told


def test_a_plain_list_becomes_the_list(target: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    lines = [COMMON.encode(), b"", b"caf\xe9", b"x" * 5000, "cafe\u0301 cafe\u0301 1".encode()]
    plain.write_bytes(b"\n".join(lines))
    told = json.loads(run("update", str(plain), "--json"))
    assert (told["lines"], told["passwords"], told["bad"]) == (5, 2, 3)
    assert told["bad_lines"] == [
        "line 2: empty",
        "line 3: not UTF-8",
        "line 4: longer than 4096 bytes",
    ]
    assert is_breached(COMMON)
    assert is_breached("caf\u00e9 caf\u00e9 1")


def test_a_dry_run_writes_nothing(target: Path, dump: Path) -> None:
    told = json.loads(run("update", str(dump), "--dry-run", "--json"))
    assert (told["dry_run"], told["passwords"]) == (True, 2)
    assert not target.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", gzip.compress(b"x" * 10_000)[:-4], None],
    ids=["empty", "blank lines", "cut short", "missing"],
)
def test_what_cannot_be_used_leaves_the_old_list(
    target: Path, dump: Path, tmp_path: Path, content: bytes | None
) -> None:
    run("update", str(dump))
    before = target.read_bytes()
    bad = tmp_path / "bad"
    if content is not None:
        bad.write_bytes(content)
    with pytest.raises(CommandError):
        run("update", str(bad))
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir() if "breached" in path.name) == [
        "breached"
    ]


def test_without_a_place_it_asks_where_to(dump: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="BREACHED_PASSWORDS_FILE"):
        run("update", str(dump))
    run("update", str(dump), "--output", str(tmp_path / "there"))
    assert (tmp_path / "there").exists()


def test_stats_tells_every_list_in_use(target: Path, dump: Path) -> None:
    run("update", str(dump), "--rate", "0.01")
    ours, own = json.loads(run("stats", "--json"))
    assert ours["passwords"] > 400_000
    assert (own["path"], own["passwords"], own["false_positive_rate"]) == (str(target), 2, 0.01)
    assert "false-positive rate 1e-05" in run("stats")


def test_check_reads_the_password_from_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def given(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    given("xkR7-unlikely-horse\n")
    assert run("check") == "not known\n"
    given("password1\n")
    with pytest.raises(SystemExit) as stopped:
        run("check")
    assert stopped.value.code == 1
    given("\n")
    with pytest.raises(CommandError):
        run("check")


def test_the_rate_must_be_one(dump: Path) -> None:
    for rate in ("0", "1", "0.5", "x"):
        with pytest.raises((CommandError, SystemExit)):
            run("update", str(dump), "--rate", rate)


def test_help_has_examples(capsys: pytest.CaptureFixture[Any]) -> None:
    with pytest.raises(SystemExit):
        run("--help")
    assert "--min-count 50" in capsys.readouterr().out
