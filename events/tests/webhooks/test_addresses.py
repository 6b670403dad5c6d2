"""No webhook is a way into our own network."""

from collections.abc import Callable

import pytest

from events.errors import InvalidWebhookError
from events.models import Webhook
from events.tests.webhooks.making import delivery_of, dispatch, happens, make_webhook
from events.tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/hooks", "address_refused"),
        ("https://localhost/hooks", "address_refused"),
        ("https://[::1]/hooks", "address_refused"),
        ("https://[::ffff:10.0.0.1]/hooks", "address_refused"),
        ("https://169.254.169.254/latest/meta-data", "address_refused"),
        ("https://10.1.2.3/", "address_refused"),
        ("https://2130706433/", "address_refused"),
        ("https://nobody.invalid/", "unreachable"),
        ("http://93.184.215.14/", "bad_url"),
        ("https://user:secret@93.184.215.14/", "bad_url"),
        ("ftp://93.184.215.14/", "bad_url"),
        ("not a url", "bad_url"),
        ("", "bad_url"),
    ],
)
def test_an_address_of_ours_is_refused_when_it_is_saved(url: str, code: str) -> None:
    with pytest.raises(InvalidWebhookError) as refused:
        make_webhook(url)
    assert [(error.field, error.code) for error in refused.value.errors] == [("url", code)]
    assert not Webhook.objects.exists()


def test_a_name_that_leads_inside_later_is_refused_at_the_delivery(
    receiver: Receiver, environment: Callable[..., None]
) -> None:
    make_webhook(receiver.url)
    event = happens()
    environment(outbound_allowed_networks=[], outbound_ca_file=receiver.server.ca_file)

    dispatch()

    assert receiver.messages == []
    assert delivery_of(event).error == "address_refused"
