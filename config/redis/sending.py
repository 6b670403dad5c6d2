"""Several commands in one round trip: what a pipeline does, at half of its cost."""

from collections.abc import Sequence
from typing import Any

import redis
from redis.exceptions import AskError

from config.redis.cluster import ClusterClient

Command = tuple[Any, ...]
Share = tuple[Any, Sequence[Command]]  # a pool of connections, and what goes there


def exchange(client: Any, commands: Sequence[Command]) -> list[Any]:
    """See `config.redis.round_trip`."""
    if isinstance(client, ClusterClient):
        return _over_a_cluster(client, commands)
    shares = [(client.connection_pool, commands)]
    try:
        return _exchange(shares)[0]
    except redis.ConnectionError:
        return _exchange(shares)[0]


def _over_a_cluster(client: ClusterClient, commands: Sequence[Command]) -> list[Any]:
    """One round trip to each server that holds a key of them, all at the same time."""
    try:
        answers = _by_home(client, commands)
    except (redis.ConnectionError, redis.TimeoutError):
        client.look_again()
        answers = _by_home(client, commands)
    return [
        _followed(client, command) if isinstance(answer, AskError) else answer
        for command, answer in zip(commands, answers, strict=True)
    ]


def _by_home(client: ClusterClient, commands: Sequence[Command]) -> list[Any]:
    numbers: dict[Any, list[int]] = {}
    for number, command in enumerate(commands):
        pool = client.home(_first_key(command)).connection_pool
        numbers.setdefault(pool, []).append(number)
    shares = [(pool, [commands[each] for each in mine]) for pool, mine in numbers.items()]
    answers: list[Any] = [None] * len(commands)
    for mine, given in zip(numbers.values(), _exchange(shares), strict=True):
        for number, answer in zip(mine, given, strict=True):
            answers[number] = answer
    return answers


def _followed(client: ClusterClient, command: Command) -> Any:
    """The answer from where the key is by now."""
    try:
        return client.execute_command(*command)
    except redis.ResponseError as error:
        return error


def _first_key(command: Command) -> str:
    return str(command[3] if command[0] == "EVALSHA" else command[1])


def _exchange(shares: Sequence[Share]) -> list[list[Any]]:
    taken: list[tuple[Any, Any]] = []
    try:
        for pool, commands in shares:
            connection = pool.get_connection()
            taken.append((pool, connection))
            connection.send_packed_command(connection.pack_commands(commands))
        return [
            [_answer(connection) for _ in commands]
            for (_, connection), (_, commands) in zip(taken, shares, strict=True)
        ]
    except BaseException:
        for _, connection in taken:
            connection.disconnect()  # answers that nobody has read must not reach the next one who asks
        raise
    finally:
        for pool, connection in taken:
            pool.release(connection)


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except redis.ResponseError as error:
        return error
