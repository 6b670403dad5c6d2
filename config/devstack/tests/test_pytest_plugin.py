"""A test run brings its own servers and takes them away."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.devstack.tests.conftest import eventually
from config.settings.sections.section import PROJECT_ROOT

TEST = """
import json, os, time
from pathlib import Path
import psycopg, pytest, redis

@pytest.mark.parametrize("number", range(4))
def test_both_answer(number):
    psycopg.connect(os.environ["DATABASE_URL"]).close()
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        seen = client.incr("seen")
    found = {
        "worker": os.environ.get("PYTEST_XDIST_WORKER"),
        "database": os.environ["DATABASE_URL"],
        "redis": os.environ["REDIS_URL"],
        "seen": seen,
    }
    Path(os.environ["FOUND"], f"{number}.json").write_text(json.dumps(found))
    if "HANG" in os.environ:
        time.sleep(600)
"""

ONE_TEST = "test_it.py::test_both_answer[0]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "test_it.py").write_text(TEST)
    (tmp_path / "tmp").mkdir(mode=0o711)
    (tmp_path / "found").mkdir()
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Run pytest in `folder` with our plugin and no project."""

    def running(*arguments: str, **variables: str) -> "subprocess.Popen[str]":
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "GATEHOUSE_", "COV_")) and not name.endswith("_URL")
        }
        options = [
            "-p",
            "config.devstack.pytest_plugin",
            "-p",
            "xdist",
            "-p",
            "no:cacheprovider",
        ]
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pytest",
                *options,
                "--rootdir",
                str(folder),
                "-c",
                "/dev/null",
                *arguments,
            ],
            cwd=folder,
            env={
                **inherited,
                "PYTHONPATH": str(PROJECT_ROOT),
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                "TMPDIR": str(folder / "tmp"),
                "FOUND": str(folder / "found"),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return running


def found(folder: Path) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in (folder / "found").iterdir()]


def nothing_is_left(folder: Path) -> bool:
    return list((folder / "tmp").glob("gatehouse-tests-*")) == []


def test_workers_share_a_postgres_and_have_a_redis_database_each(
    folder: Path, run: Callable[..., "subprocess.Popen[str]"]
) -> None:
    output, _ = run("-n", "2").communicate()
    assert "4 passed" in output
    results = found(folder)
    assert len({result["database"] for result in results}) == 1
    for worker in {result["worker"] for result in results}:
        theirs = [result for result in results if result["worker"] == worker]
        assert {result["redis"] for result in theirs} == {theirs[0]["redis"]}
        assert sorted(result["seen"] for result in theirs) == list(range(1, len(theirs) + 1))  # type: ignore[type-var]
    assert nothing_is_left(folder)


def test_urls_that_are_set_are_used_as_they_are(
    folder: Path, run: Callable[..., "subprocess.Popen[str]"]
) -> None:
    urls = {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": os.environ["REDIS_URL"]}
    output, _ = run(ONE_TEST, **urls).communicate()
    assert "1 passed" in output
    (result,) = found(folder)
    assert (result["database"], result["redis"]) == (urls["DATABASE_URL"], urls["REDIS_URL"])


def test_a_run_that_is_killed_leaves_nothing(
    folder: Path, run: Callable[..., "subprocess.Popen[str]"]
) -> None:
    with run(ONE_TEST, HANG="yes") as hanging:
        assert eventually(lambda: bool(list((folder / "found").iterdir())))
        assert not nothing_is_left(folder)
        hanging.kill()
    assert eventually(lambda: nothing_is_left(folder))


def test_asking_for_help_starts_nothing(
    folder: Path, run: Callable[..., "subprocess.Popen[str]"]
) -> None:
    output, _ = run("--version", TMPDIR="/nowhere").communicate()
    assert output.startswith("pytest ")
