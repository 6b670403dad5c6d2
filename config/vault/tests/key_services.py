"""The key services that tests speak with: AWS KMS as moto plays it and a transit engine, each over HTTP; and ways to
set Gatehouse up for them.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from pydantic import SecretStr

from config.vault.tests.transit_server import TransitServer

REGION = "eu-west-1"


@contextmanager
def running_kms() -> Iterator[str]:
    """moto's server; its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def aws_settings(url: str, key_id: str) -> dict[str, Any]:
    return {
        "vault_provider": "aws",
        "vault_aws_key_id": key_id,
        "vault_aws_region": REGION,
        "vault_aws_endpoint_url": url,
        "kek_lookup_lifetime": 0,
    }


def transit_settings(server: TransitServer) -> dict[str, Any]:
    return {
        "vault_provider": "vault",
        "vault_addr": server.url,
        "vault_token": SecretStr(server.token),
        "kek_lookup_lifetime": 0,
    }


@pytest.fixture(scope="session")
def kms_url() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, running_kms() as url:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield url


@pytest.fixture
def aws_kms(kms_url: str) -> Any:
    """A client of AWS's own library, to make and change keys with."""
    from boto3.session import Session

    return Session().client("kms", region_name=REGION, endpoint_url=kms_url)


@pytest.fixture(scope="session")
def _running_transit() -> Iterator[TransitServer]:
    with TransitServer() as server:
        yield server


@pytest.fixture
def transit(_running_transit: TransitServer) -> TransitServer:
    _running_transit.reset()
    return _running_transit
