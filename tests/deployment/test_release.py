"""`make release`: the changelog, the commit and the tag; and what is known of what is locked."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings.sections.section import PROJECT_ROOT

CHANGELOG = """# Changelog

## Unreleased

- People may leave.

## 1.1.0 - 2026-01-01

- People may come.
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two releases behind it, whose builders only say that they were asked."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "project"
    (folder / "deploy" / "image").mkdir(parents=True)
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    (folder / "deploy" / "image" / "build").write_text('echo "built $VERSION" >> ../asked\n')
    (folder / "Makefile").write_text("sbom:\n\t@echo sbom >> ../asked\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.email", "somebody@example.com")
    git(folder, "config", "user.name", "Somebody")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "What there is")
    for tag in ("v1.0.0", "v1.1.0", "vacation"):
        git(folder, "tag", tag)
    return folder


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def release(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, PROJECT_ROOT / "deploy" / "release.py", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_release_is_a_commit_a_tag_an_image_and_its_list(repository: Path) -> None:
    done = release(repository, "1.2.0")
    assert done.returncode == 0, done.stderr
    changelog = (repository / "CHANGELOG.md").read_text()
    assert re.search(
        r"## Unreleased\n\n## 1\.2\.0 - \d{4}-\d\d-\d\d\n\n- People may leave\.\n\n## 1\.1\.0",
        changelog,
    )
    assert git(repository, "log", "-1", "--format=%s").strip() == "Release 1.2.0"
    assert git(repository, "status", "--porcelain") == ""
    told = git(repository, "tag", "--list", "v1.2.0", "--format=%(objecttype) %(contents)")
    assert told.startswith("tag Gatehouse 1.2.0")
    assert "- People may leave." in told
    assert "People may come" not in told
    assert (repository.parent / "asked").read_text() == "built 1.2.0\nsbom\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "Which version?"),
        (["1.2"], "Which version?"),
        (["v1.2.0"], "Which version?"),
        (["01.2.0"], "Which version?"),
        (["1.1.0"], "1.1.0 is out already"),
        (["1.0.9"], "1.1.0 is out already"),
    ],
)
def test_a_version_that_is_none_or_not_newer_is_refused(
    repository: Path, arguments: list[str], why: str
) -> None:
    done = release(repository, *arguments)
    assert done.returncode == 1
    assert why in done.stderr
    assert git(repository, "log", "-1", "--format=%s").strip() == "What there is"


def test_there_is_no_release_of_what_is_not_committed(repository: Path) -> None:
    (repository / "new").touch()
    assert "not committed" in release(repository, "1.2.0").stderr


def test_there_is_no_release_off_main(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "other")
    assert "made on main" in release(repository, "1.2.0").stderr


def test_there_is_no_release_of_nothing(repository: Path) -> None:
    assert release(repository, "1.2.0").returncode == 0
    assert "nothing under Unreleased" in release(repository, "1.3.0").stderr


def test_every_package_that_is_locked_has_its_licence_on_the_page() -> None:
    page = (PROJECT_ROOT / "docs" / "operators" / "licences.md").read_text()
    listed = {
        (name.lower().replace("_", "-").replace(".", "-"), version)
        for name, version in re.findall(r"^\| ([\w.-]+) \| ([\w.]+) \| \S", page, re.MULTILINE)
    }
    lock = (PROJECT_ROOT / "requirements" / "base.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==([\w.]+)(?: \\| ;)", lock, re.MULTILINE))
    assert len(locked) > 90
    elsewhere = {name for name, _ in locked - listed}
    for name in elsewhere:  # of other systems than the one that the page was written on
        assert re.search(rf"^{name}==\S+ ; ", lock, re.MULTILINE), f"{name}: run `make licences`"


def test_every_lock_has_hashes_and_names_no_place() -> None:
    for path in sorted((PROJECT_ROOT / "requirements").glob("*.txt")):
        lock = path.read_text()
        pinned = re.findall(r"^\S+==\S+", lock, re.MULTILINE)
        assert len(pinned) > 20
        for block in re.split(r"\n(?=\S+==)", lock)[1:]:
            assert "--hash=sha256:" in block, (path.name, block.splitlines()[0])
        assert "://" not in lock, path.name
