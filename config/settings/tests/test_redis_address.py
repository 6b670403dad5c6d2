"""REDIS_URL as one server, Sentinels or a cluster; and what Celery is told of it."""

import pytest

from config.redis.opening import sentinel_options, server_options
from config.settings.addresses import check_servers
from config.settings.celery_broker import QUEUES, celery
from config.settings.reader import SettingsError
from config.settings.redis_address import redis_address

SENTINELS = (
    "rediss+sentinel://me:p%40ss@s1:26380,s2,[::1]:5/the%20service/3"
    "?sentinel_password=theirs&ssl_ca_certs=/ca.pem"
)


def test_sentinels_have_hosts_a_service_and_options_of_their_own() -> None:
    address = redis_address(SENTINELS)
    assert address.nodes == (("s1", 26380), ("s2", 26379), ("::1", 5))
    assert address.service == "the service"
    ours = server_options(address)
    assert (ours["username"], ours["password"], ours["db"]) == ("me", "p@ss", 3)
    assert (ours["ssl"], ours["ssl_ca_certs"]) == (True, "/ca.pem")
    theirs = sentinel_options(address)
    assert (theirs["password"], theirs["ssl"], theirs["ssl_ca_certs"]) == (
        "theirs",
        True,
        "/ca.pem",
    )
    assert "username" not in theirs
    assert "p%40ss" not in repr(address)
    assert "theirs" not in repr(address)


def test_a_cluster_has_hosts_and_no_database() -> None:
    address = redis_address("redis+cluster://:pass@n1:7000,n2")
    assert (address.kind, address.nodes) == ("cluster", (("n1", 7000), ("n2", 6379)))
    assert server_options(address)["password"] == "pass"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("redis+sentinel://hunter2:26379", "must name the service"),
        ("redis+sentinel://hunter2/service/none", "the number of a database"),
        ("redis+sentinel://hunter2,/service", "must name its hosts"),
        ("redis+sentinel://hunter2:port/service", "is not a URL"),
        ("redis+cluster://hunter2/3", "no database but 0"),
        ("sentinel://hunter2/service", "must start with"),
    ],
)
def test_what_is_wrong_is_said_without_being_shown(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        redis_address(url)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ValueError, match=complaint):
        check_servers("redis_url", url)


def test_every_node_of_a_rabbitmq_is_looked_at() -> None:
    check_servers("celery_broker_url", "amqps://me:p@a:5671/x;amqps://me:p@b:5671/x")
    with pytest.raises(ValueError, match="is not a URL"):
        check_servers("celery_broker_url", "amqps://a/x;amqps://b:port/x")
    with pytest.raises(ValueError, match="must start with"):
        check_servers("celery_broker_url", "redis+cluster://a")


def test_celery_spells_a_socket_in_its_own_way() -> None:
    spelt = "redis+socket:///srv/valkey.sock?virtual_host="
    assert (
        celery("unix:///srv/valkey.sock?db=3", longest_task=60)["CELERY_BROKER_URL"] == spelt + "3"
    )
    assert celery("unix:///srv/valkey.sock", longest_task=60)["CELERY_BROKER_URL"] == spelt + "0"


@pytest.mark.parametrize("url", ["redis://h:6379/1", "rediss://h", "amqp://me@h//vhost"])
def test_other_brokers_are_taken_as_they_are(url: str) -> None:
    settings = celery(url, longest_task=60)
    assert settings["CELERY_BROKER_URL"] == url
    assert [queue.name for queue in settings["CELERY_TASK_QUEUES"]] == list(QUEUES)


def test_celery_is_told_of_sentinels_one_by_one() -> None:
    settings = celery(SENTINELS, longest_task=60)
    assert settings["CELERY_BROKER_URL"].split(";")[0] == "sentinel://me:p%40ss@s1:26380/3"
    options = settings["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert options["master_name"] == "the service"
    assert options["sentinel_kwargs"]["password"] == "theirs"
    assert options["visibility_timeout"] == 120
    assert settings["CELERY_BROKER_USE_SSL"] == {
        "ssl_cert_reqs": "required",
        "ssl_ca_certs": "/ca.pem",
    }


def test_celery_is_not_sent_to_a_cluster() -> None:
    with pytest.raises(SettingsError, match="cannot be in a cluster"):
        celery("redis+cluster://n1", longest_task=60)
