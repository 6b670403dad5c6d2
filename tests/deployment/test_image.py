"""The image: what goes into it, and the processes that it knows."""

import os
import shlex
import subprocess
from pathlib import Path

from config.devstack.procfile import read_procfile
from config.devstack.runner import ALLOCATOR
from config.settings.sections.section import PROJECT_ROOT

ENTRYPOINT = PROJECT_ROOT / "deploy" / "image" / "gatehouse"
DOCKERFILE = PROJECT_ROOT / "Dockerfile"
# What differs where each process has a machine of its own, and the values that the image sets by variables.
OWN = {
    "--host",
    "--port",
    "--workers",
    "--blocking-threads",
    "--workers-kill-timeout",
    "--schedule",
    "--state-file",
}


def words_of(tmp_path: Path, role: str) -> list[str]:
    """The command that a role becomes: the programs that it would start only say what they were given."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    for name in ("granian", "celery", "python"):
        program = programs / name
        program.write_text(f'#!/bin/sh\nprintf "%s " {name} "$@"\n')
        program.chmod(0o755)
    done = subprocess.run(
        [ENTRYPOINT, role],
        check=False,
        capture_output=True,
        text=True,
        env={
            "PATH": f"{programs}:/usr/bin:/bin",
            "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "run" / "metrics"),
            "HEARTBEAT_FILE": str(tmp_path / "run" / "heartbeat"),
        },
    )
    assert done.returncode == 0, done.stderr
    return shlex.split(done.stdout)


def shared(words: list[str]) -> list[str]:
    """Without the options whose values differ."""
    kept, skip = [], False
    for word in words:
        if not skip and word not in OWN:
            kept.append(word)
        skip = word in OWN
    return kept


def test_each_role_is_the_process_of_the_procfile(tmp_path: Path) -> None:
    declared = read_procfile(
        PROJECT_ROOT / "Procfile",
        {"PORT": "1", "SIMULATOR_PORT": "2", "SIMULATOR_STATE": "x", "STATE_DIR": "x"},
    )
    for role, words in declared.items():
        assert sorted(shared(words_of(tmp_path, role))) == sorted(shared(words)), role


def test_the_image_and_serve_want_the_same_of_the_c_library() -> None:
    assert f"GLIBC_TUNABLES={ALLOCATOR}\n" in DOCKERFILE.read_text()


def test_the_numbers_of_an_earlier_life_are_forgotten(tmp_path: Path) -> None:
    metrics = tmp_path / "run" / "metrics"
    metrics.mkdir(parents=True)
    (metrics / "counter_7.db").write_bytes(b"old")
    words_of(tmp_path, "relay")
    assert list(metrics.iterdir()) == []


def test_a_process_is_well_while_its_heart_beats(tmp_path: Path) -> None:
    words_of(tmp_path, "relay")
    heartbeat = tmp_path / "run" / "heartbeat"
    variables = {
        "PATH": "/usr/bin:/bin",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "run" / "metrics"),
        "HEARTBEAT_FILE": str(heartbeat),
    }

    def is_well() -> bool:
        return subprocess.run([ENTRYPOINT, "healthy"], check=False, env=variables).returncode == 0

    assert not is_well()
    heartbeat.touch()
    assert is_well()
    two_minutes_ago = heartbeat.stat().st_mtime - 120
    os.utime(heartbeat, (two_minutes_ago, two_minutes_ago))
    assert not is_well()


def test_a_role_that_there_is_not_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [ENTRYPOINT, "nobody"],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")},
    )
    assert (done.returncode, "no such role: nobody" in done.stderr) == (64, True)


def test_the_context_holds_what_runs_and_nothing_else() -> None:
    let_in = {
        line.removeprefix("!").split("/")[0]
        for line in (PROJECT_ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    packages = {path.parent.name for path in PROJECT_ROOT.glob("*/__init__.py")}
    assert packages - let_in == {"benchmarks", "tests"}
    assert let_in - packages == {"manage.py", "static", "templates", "requirements"}


def test_it_is_made_of_wheels_with_hashes_and_runs_as_nobody_in_particular() -> None:
    told = DOCKERFILE.read_text()
    assert "--require-hashes --no-deps --only-binary :all:" in told
    last_stage = told[told.rindex("\nFROM ") :]
    assert "\nUSER 10001:10001\n" in last_stage
    assert "HEALTHCHECK" in last_stage
    assert "FROM ${BASE_IMAGE} AS base" in told
