from pathlib import Path

from config.devstack.layout import SOCKET_PATH_LIMIT, Layout


def test_the_same_folder_always_means_the_same_addresses(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert Layout(tmp_path / "link").database_url == Layout(tmp_path).database_url
    assert Layout(tmp_path / "link").redis_url == Layout(tmp_path).redis_url


def test_two_folders_never_share_an_address() -> None:
    deep = "x" * 120
    for first, second in (("/srv/a", "/srv/b"), (f"/srv/{deep}/a", f"/srv/{deep}/b")):
        assert Layout(Path(first)).sockets != Layout(Path(second)).sockets


def test_sockets_are_inside_a_folder_with_a_plain_short_path() -> None:
    assert Layout(Path("/srv/gatehouse")).sockets == Path("/srv/gatehouse/sockets")


def test_a_path_that_no_socket_address_can_hold_gets_a_short_one() -> None:
    layout = Layout(Path("/srv") / ("deep/" * 30))
    assert layout.sockets.parent == Path("/tmp")  # noqa: S108
    assert len(str(layout.postgres_sockets / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT


def test_a_path_that_a_url_would_garble_gets_a_plain_one() -> None:
    for name in ("with space", "comma,host", "per%20cent", "what?", "ünïcode"):
        assert Layout(Path("/srv") / name).sockets.parent == Path("/tmp")  # noqa: S108


def test_the_home_sign_is_understood() -> None:
    assert Layout(Path("~/state")).state_dir == Path.home().resolve() / "state"
