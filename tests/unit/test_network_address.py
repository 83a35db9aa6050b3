"""Where a request came from, whatever a proxy makes of it."""

from __future__ import annotations

import pytest

from redbag.domain.network_address import network, plain


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("192.0.2.7:51234", "192.0.2.7"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unknown", "unknown"),
        ("A" * 500, "unknown"),
        ("192.0.2.7, 10.0.0.1", "unknown"),
        ("٣.2.1.1", "unknown"),
    ],
)
def test_an_address_is_kept_alone(said: str, kept: str) -> None:
    assert plain(said) == kept


def test_a_household_of_ipv6_is_one() -> None:
    assert network("2001:db8:1:2::9") == network("2001:db8:1:2:ffff::1") != network("2001:db8:1:3::9")
    assert network("192.0.2.7") == "192.0.2.7" != network("192.0.2.8")
    assert network("browser x") == "browser x"
