"""Moving everything out into a folder, and back: wholly or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from django.db import transaction

from authz.as_code import folder as files
from authz.as_code.folder import Contents, FileFlaw
from authz.as_code.formats import Format, dump
from authz.as_code.parts import Part, parts
from authz.engine.errors import Flaw
from authz.errors import PolicyCasesBrokenError
from authz.events import PolicyCasesBroken
from authz.models import Policy
from authz.services import case_runs
from authz.services.authorship import SYSTEM
from authz.services.case_runs import Watched
from config.http.problems import ProblemError
from events.domain import emit


class Action(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    REMOVED = "removed"
    EXTRA = "extra"  # stored, not in the folder, and left alone


@dataclass(frozen=True, slots=True)
class Change:
    """What was done, or would be, about one thing."""

    part: str
    name: str
    action: Action


@dataclass(slots=True)
class Imported:
    """Nothing was changed when there are flaws."""

    changes: list[Change] = field(default_factory=list)
    flaws: list[FileFlaw] = field(default_factory=list)
    broken_cases: tuple[str, ...] = ()


def export(folder: Path, *, form: Format) -> list[str]:
    """Write everything; what else stands in the folders of the parts is removed. The files, from `folder`."""
    with transaction.atomic():
        return [file for part in parts() for file in files.write(folder, part, form)]


def import_all(
    folder: Path, *, reason: str, prune: bool, dry_run: bool, break_cases: bool = False
) -> Imported:
    """Make what is stored equal to the folder, in one transaction; with `prune` also what the folder does not have.

    A dry run does it all and takes it back, so that it finds what only the database knows: a role that is in use, a
    case that would break.
    """
    done = Imported()
    every = [
        (part, files.read(folder, part, done.flaws))
        for part in parts()
        if part.always or any((folder / part.folder).glob("*"))
    ]
    if not done.flaws and not any(contents.values for _, contents in every):
        done.flaws.append(FileFlaw(".", "", "required", "There is nothing to import."))
    if done.flaws:
        return done
    with transaction.atomic():
        try:
            with case_runs.watched(break_cases=break_cases) as watch:
                for part, contents in every:
                    done.changes += _apply(part, contents, done, watch, reason=reason, prune=prune)
                if not break_cases:
                    done.flaws += _after(every)
        except PolicyCasesBrokenError as problem:
            done.flaws += [
                FileFlaw(".", error.field, error.code, error.detail) for error in problem.errors
            ]
        except ProblemError as problem:
            done.flaws.append(FileFlaw(".", "", problem.slug, problem.detail or problem.title))
        done.broken_cases = watch.broken
        _tell_of_broken(watch, reason=reason)
        if dry_run or done.flaws:
            transaction.set_rollback(True)
    return done


def _apply(
    part: Part, contents: Contents, done: Imported, watch: Watched, *, reason: str, prune: bool
) -> Iterator[Change]:
    stored = part.stored()
    for name in sorted(stored.keys() - contents.values.keys()):
        if prune:
            try:
                part.remove(name, reason=reason, within=watch)
            except ProblemError as problem:
                done.flaws.append(
                    FileFlaw(part.folder, name, problem.slug, problem.detail or problem.title)
                )
        yield Change(part.folder, name, Action.REMOVED if prune else Action.EXTRA)
    for name, value in sorted(contents.values.items()):
        if name in stored and dump(stored[name], Format.JSON) == dump(value, Format.JSON):
            continue
        try:
            part.write(value, reason=reason, within=watch)
        except ProblemError as problem:
            detail = " ".join([problem.detail, *(one.detail for one in problem.errors)]).strip()
            done.flaws.append(
                FileFlaw(contents.files[name], "", problem.slug, detail or problem.title)
            )
        yield Change(part.folder, name, Action.UPDATED if name in stored else Action.CREATED)


def _tell_of_broken(watch: Watched, *, reason: str) -> None:
    for name in sorted({case.partition("/")[0] for case in watch.broken}):
        policy = Policy.objects.live().get(name=name)
        cases = tuple(case for case in watch.broken if case.startswith(f"{name}/"))
        emit(
            PolicyCasesBroken(
                policy=name, policy_id=policy.public_id, cases=cases, by=SYSTEM, reason=reason
            )
        )


def _after(every: list[tuple[Part, Contents]]) -> Iterator[FileFlaw]:
    for part, contents in every:
        for name, flaw in part.after():
            yield FileFlaw.of(
                contents.files.get(name, "."), Flaw(flaw.path, flaw.code, flaw.detail)
            )
