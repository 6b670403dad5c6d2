"""A process that dies without a word at one of its steps, as machines and kernels make them die."""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, connections

WRITES = ("INSERT", "UPDATE", "DELETE")
MOST_STEPS = 200  # a test that takes more of them would never end


def killed_at(step: int, work: Callable[[], Any]) -> bool:
    """Do `work` in a process of its own that is sent SIGKILL at its `step`-th step (from 1); False when it was done
    before that. Steps are: about to write to the database, written, committed. The test needs real transactions.

    Raises AssertionError when the work fails by itself.
    """
    connections.close_all()  # the child must not speak on the parent's
    child = os.fork()
    if child == 0:
        _work_and_die(step, work)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.WEXITSTATUS(status) == 0, "the work failed in the child; its traceback is above"
    return False


def steps_of_death(work: Callable[[], Any]) -> Iterator[int]:
    """Kill `work` at its first step, at its second, and so on; each number comes after that death. Ends when the work
    has come to its end.
    """
    for step in range(1, MOST_STEPS):
        if not killed_at(step, work):
            assert step > 1, "the work wrote nothing"
            return
        yield step
    raise AssertionError("the work has no end")


def _work_and_die(step: int, work: Callable[[], Any]) -> None:
    left = step

    def tick() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        writes = sql.lstrip().upper().startswith(WRITES)
        if writes:
            tick()
        result = execute(sql, params, many, context)
        if writes:
            tick()
        return result

    def commit() -> None:
        commits()
        tick()

    code = 1
    try:
        commits = connection._commit  # type: ignore[attr-defined]
        connection._commit = commit  # type: ignore[attr-defined]
        with connection.execute_wrapper(watch):
            work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
