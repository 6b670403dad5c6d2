"""`deploy/kubernetes`: what Kubernetes allows, and what we demand of every pod."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from config.settings.environment import Environment
from config.settings.secret_files import file_variable, names
from config.settings.sections.section import PROJECT_ROOT

KUBERNETES = PROJECT_ROOT / "deploy" / "kubernetes"
BASE = KUBERNETES / "base"
EXAMPLE = KUBERNETES / "overlays" / "example"
VERSIONS = ("1.30", "1.37")  # the oldest that we speak of, and the newest that there is a schema of
OURS = ("web", "worker", "beat", "relay", "webhooks", "prepare")

Manifest = dict[str, Any]


def files() -> Iterator[Path]:
    """The manifests; neither kustomizations nor patches, which are none by themselves."""
    for path in sorted((*BASE.glob("*.yaml"), *EXAMPLE.glob("*.yaml"))):
        if path.name not in {"kustomization.yaml", "ours.yaml"}:
            yield path


def written() -> list[Manifest]:
    return [
        manifest
        for path in files()
        for manifest in yaml.safe_load_all(path.read_text())
        if manifest is not None
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    """What `kubectl apply -k` of the example would send, with files for the secrets."""
    if not shutil.which("kubectl"):
        pytest.skip("there is no kubectl")
    copy = tmp_path_factory.mktemp("deploy") / "deploy"
    shutil.copytree(PROJECT_ROOT / "deploy", copy)
    example = copy / EXAMPLE.relative_to(PROJECT_ROOT / "deploy")
    (example / "secrets").mkdir()
    kustomization = yaml.safe_load((example / "kustomization.yaml").read_text())
    for generator in kustomization["secretGenerator"]:
        for file in generator["files"]:
            (example / file).write_text("for the tests alone")
    done = subprocess.run(
        ["kubectl", "kustomize", str(example)],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def pods(manifests: list[Manifest]) -> dict[str, dict[str, Any]]:
    """The template of the pods of each workload."""
    return {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in manifests
        if each["kind"] in {"Deployment", "Job"}
    }


def of_kind(manifests: list[Manifest], kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests if each["kind"] == kind}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_what_kubernetes_allows(version: str) -> None:
    for manifest in written():
        if manifest["kind"] == "Deployment" and manifest["metadata"]["name"] != "pgbouncer":
            continue  # whole with its patch alone: below
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_example_sends_is_what_kubernetes_allows(
    built: list[Manifest], version: str
) -> None:
    assert len(built) > 25
    for manifest in built:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_every_pod_is_as_restricted_as_kubernetes_can_demand(built: list[Manifest]) -> None:
    workloads = pods(built)
    assert set(workloads) == {*OURS, "pgbouncer"}
    for name, template in workloads.items():
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert spec["automountServiceAccountToken"] is False, name
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            locked = container["securityContext"]
            assert locked["allowPrivilegeEscalation"] is False, name
            assert locked["readOnlyRootFilesystem"] is True, name
            assert locked["capabilities"] == {"drop": ["ALL"]}, name
            assert container["resources"]["limits"]["memory"], name
            assert container["resources"]["requests"]["cpu"], name
            assert container["image"].startswith("registry.example/"), "an overlay names the image"
    (namespace,) = of_kind(built, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_lasting_process_is_probed_and_replaced_before_it_goes(built: list[Manifest]) -> None:
    for name, deployment in of_kind(built, "Deployment").items():
        spec = deployment["spec"]
        (container,) = spec["template"]["spec"]["containers"]
        assert "livenessProbe" in container, name
        assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}, name
        budget = of_kind(built, "PodDisruptionBudget")[name]["spec"]
        assert budget["selector"] == spec["selector"], name
    web = pods(built)["web"]["spec"]
    (container,) = web["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["lifecycle"]["preStop"]
    for name in ("web", "worker"):
        assert "replicas" not in of_kind(built, "Deployment")[name]["spec"], "the autoscaler's"
        assert of_kind(built, "HorizontalPodAutoscaler")[name]["spec"]["minReplicas"] >= 2


def test_a_task_that_began_has_its_time_to_end(built: list[Manifest]) -> None:
    longest = Environment.model_fields["task_time_limit"].default
    cleanup = Environment.model_fields["task_cleanup_time"].default
    assert pods(built)["worker"]["spec"]["terminationGracePeriodSeconds"] > longest + cleanup


def test_nothing_speaks_with_anything_that_is_not_listed(built: list[Manifest]) -> None:
    policies = of_kind(built, "NetworkPolicy")
    assert policies["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    direct = {
        name
        for name, template in pods(built).items()
        if template["metadata"]["labels"].get("gatehouse/database") == "direct"
    }
    assert direct == {"prepare", "relay", "webhooks", "pgbouncer"}
    outbound = {
        name
        for name, template in pods(built).items()
        if template["metadata"]["labels"].get("gatehouse/outbound")
    }
    assert outbound == {"web", "worker", "webhooks"}
    (rule,) = policies["outbound"]["spec"]["egress"]
    assert "169.254.0.0/16" in rule["to"][0]["ipBlock"]["except"]


def test_new_versions_wait_for_their_tables(built: list[Manifest]) -> None:
    for name, template in pods(built).items():
        if name in OURS and name != "prepare":
            (waiting,) = template["spec"]["initContainers"]
            assert "migrate --check" in waiting["command"][-1]
    (container,) = pods(built)["prepare"]["spec"]["containers"]
    assert container["args"] == ["prepare"]
    assert {"name": "DATABASE_URL_FILE", "value": "/run/secrets/gatehouse/database_direct_url"} in (
        container["env"]
    )


def test_every_setting_is_one_that_there_is() -> None:
    lines = (BASE / "settings.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    secret_files = {file_variable(name): name for name in names(Environment)}
    for name, value in given.items():
        assert name.lower() in Environment.model_fields or name in secret_files, name
        if name in secret_files:
            assert value == f"/run/secrets/gatehouse/{secret_files[name]}"
    kustomization = yaml.safe_load((EXAMPLE / "kustomization.yaml").read_text())
    of_the_service = next(
        each for each in kustomization["secretGenerator"] if each["name"] == "gatehouse"
    )
    held = {Path(file).name for file in of_the_service["files"]}
    assert held == {Path(value).name for name, value in given.items() if name.endswith("_FILE")}
