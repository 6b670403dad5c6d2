import pytest

from config.telemetry.redaction import redact_text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("asha.rao@example.com", "a***@example.com"),
        ("Mail to Asha <asha+x@mail.example.co.in>.", "Mail to Asha <a***@mail.example.co.in>."),
        ("to b@example.com.", "to b***@example.com."),
        ("आशा@example.com", "आ***@example.com"),
        ("@example.com", "@example.com"),
    ],
)
def test_an_e_mail_address_keeps_its_first_letter_and_domain(text: str, clean: str) -> None:
    assert redact_text(text) == clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("from 203.0.113.77:443,", "from 203.0.113.0/24:443,"),
        ("203.0.113.77/32", "203.0.113.0/24"),
        ("203.0.113.77/99", "203.0.113.0/24/99"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("at 2001:db8:1:2::7.", "at 2001:db8:1::/48."),
        ("[2001:db8:1:2::7]:443", "[2001:db8:1::/48]:443"),
        ("fe80::1:2%eth0 x", "fe80::/48 x"),
        ("2001:db8:1:2::7/128", "2001:db8:1::/48"),
    ],
)
def test_an_ip_address_becomes_its_network(text: str, clean: str) -> None:
    assert redact_text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "::1",
        "0.0.0.0:8000",
        "::",
        "300.1.2.3",
        "1.2.3.4.5",
        "a::b::c",
        "12:30:45:10:1:2:3:4:5",
    ],
)
def test_loopback_and_what_is_no_address_stay(text: str) -> None:
    assert redact_text(text) == text
