"""`compose.yaml`: what starts, in which order, how locked up, and with which secrets."""

import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from config.settings.demands import problems
from config.settings.environment import Environment
from config.settings.secret_files import file_variable, names
from config.settings.sections.section import PROJECT_ROOT
from tests.deployment.compose_file import PATH, filled_in, waits_for

OURS = {"migrate", "web1", "web2", "worker", "beat", "relay", "webhooks", "simulator"}
MAKE_SECRETS = PROJECT_ROOT / "deploy" / "compose" / "make-secrets"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `make-secrets` was run."""
    folder = tmp_path_factory.mktemp("compose")
    subprocess.run([MAKE_SECRETS], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return folder / "secrets"


@pytest.fixture(scope="module")
def compose(secrets: Path) -> dict[str, Any]:
    lines = (secrets / "compose.env").read_text().splitlines()
    return filled_in(dict(line.split("=", 1) for line in lines))


def test_it_is_what_the_compose_specification_allows() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", PATH],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nobody_runs_as_root(compose: dict[str, Any]) -> None:
    for name in OURS:
        assert not compose["services"][name]["user"].startswith("0:"), name


def test_who_becomes_another_user_can_be_told_to_stop(compose: dict[str, Any]) -> None:
    """The first process is root's. Without KILL its signal does not reach a server that is another's."""
    for name, service in compose["services"].items():
        added = service.get("cap_add", [])
        assert ("SETUID" in added) == ("KILL" in added), name


def test_nothing_starts_without_the_secrets() -> None:
    with pytest.raises(KeyError, match="GATEHOUSE_UID"):
        filled_in({})


def test_everything_starts_after_what_it_needs(compose: dict[str, Any]) -> None:
    services = compose["services"]
    order = list(
        TopologicalSorter({name: waits_for(each) for name, each in services.items()}).static_order()
    )
    for earlier, later in (
        ("postgres", "pgbouncer"),
        ("postgres", "migrate"),
        ("valkey", "migrate"),
        ("migrate", "web1"),
        ("pgbouncer", "web1"),
        ("migrate", "worker"),
        ("web1", "nginx"),
        ("web2", "nginx"),
        ("web1", "prometheus"),
        ("prometheus", "grafana"),
    ):
        assert order.index(earlier) < order.index(later)
    for service in services.values():
        for awaited, condition in waits_for(service).items():
            if condition == "service_healthy":
                checked = "healthcheck" in services[awaited] or awaited in OURS  # the image's own
                assert checked, awaited
            else:
                assert (awaited, condition) == ("migrate", "service_completed_successfully")
                assert services[awaited]["restart"] == "no"


def test_every_service_is_locked_up_and_has_limits(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"cpus", "memory", "pids"} <= set(service["deploy"]["resources"]["limits"]), name
        assert service["logging"]["options"]["max-size"], name
        assert "privileged" not in service, name


def test_only_the_edge_can_be_reached_from_other_machines(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    assert set(published) == {"nginx", "grafana", "mail"}
    assert all(
        port.startswith("127.0.0.1:") for name in ("grafana", "mail") for port in published[name]
    )
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "pgbouncer", "valkey"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_every_secret_is_a_file_that_make_secrets_makes_for_its_owner_alone(
    compose: dict[str, Any], secrets: Path
) -> None:
    assert secrets.stat().st_mode & 0o077 == 0
    declared = {name: Path(each["file"]).name for name, each in compose["secrets"].items()}
    for name, file in declared.items():
        assert (secrets / file).stat().st_size > 0, name
    used = {
        each if isinstance(each, str) else each["source"]
        for service in compose["services"].values()
        for each in service.get("secrets", [])
    }
    assert used == set(declared)
    assert not (secrets / "ca_key").exists()


def test_make_secrets_leaves_alone_what_is_there(secrets: Path) -> None:
    before = {path: path.read_bytes() for path in secrets.iterdir()}
    subprocess.run([MAKE_SECRETS], check=True, cwd=secrets.parent, stdout=subprocess.DEVNULL)
    assert {path: path.read_bytes() for path in secrets.iterdir()} == before


def test_every_configuration_that_is_mounted_is_there(compose: dict[str, Any]) -> None:
    for each in compose["configs"].values():
        assert (PROJECT_ROOT / each["file"]).is_file(), each
    for service in compose["services"].values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("."):
                assert (PROJECT_ROOT / source).is_dir(), mount
            else:
                assert source in compose["volumes"], mount


def test_production_takes_the_settings_as_they_are(
    compose: dict[str, Any], secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Environment.model_config, "env_file", None)
    own = {"SSL_CERT_FILE"}  # OpenSSL's
    secret_files = {file_variable(name) for name in names(Environment)}
    for name, value in compose["services"]["web1"]["environment"].items():
        assert name.lower() in Environment.model_fields or name in own | secret_files, name
        monkeypatch.setenv(name, str(value or "").replace("/run/secrets", str(secrets)))
    environment = Environment()
    assert problems(environment) == []
    assert environment.database_url != environment.database_direct_url


def test_migrations_go_around_the_pooler(compose: dict[str, Any]) -> None:
    services = compose["services"]
    given = services["migrate"]["environment"]
    assert given["DATABASE_URL_FILE"] == given["DATABASE_DIRECT_URL_FILE"]
    assert services["web1"]["environment"]["DATABASE_URL_FILE"] == "/run/secrets/database_url"


def test_a_task_that_began_has_its_time_to_end(compose: dict[str, Any]) -> None:
    grace = compose["services"]["worker"]["stop_grace_period"]
    longest = Environment.model_fields["task_time_limit"].default
    cleanup = Environment.model_fields["task_cleanup_time"].default
    assert grace.endswith("m")
    assert int(grace.removesuffix("m")) * 60 > longest + cleanup


def test_prometheus_asks_every_process(compose: dict[str, Any]) -> None:
    told = (PROJECT_ROOT / compose["configs"]["prometheus"]["file"]).read_text()
    for name in (
        "web1:8000",
        "web2:8000",
        "worker:9100",
        "beat:9100",
        "relay:9100",
        "webhooks:9100",
    ):
        assert f'"{name}"' in told
