"""What a page says of the address in the label's square."""

from __future__ import annotations

import pytest

from redbag.web.home.label_address import shown_address


@pytest.mark.parametrize(
    ("base_url", "read_at", "fault"),
    [
        ("https://redbag.example.org", "redbag.example.org", ""),
        ("https://redbag.example.org", "redbag.example.org:443", ""),
        ("https://redbag.example.org", "REDBAG.example.org", ""),
        ("https://redbag.example.org", "192.168.0.7:8000", "another address"),
        ("https://old.example.org", "new.example.org", "another address"),
        ("http://localhost:8000", "localhost:8000", "this computer only"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "this computer only"),
        ("http://[::1]:8000", "[::1]:8000", "this computer only"),
        ("http://0.0.0.0:8000", "127.0.0.1:8000", "this computer only"),
        ("http://192.168.1.20", "192.168.1.20", "inside this building only"),
        ("http://10.0.0.2:8000", "10.0.0.2:8000", "inside this building only"),
        ("http://100.64.3.4", "100.64.3.4", "inside this building only"),
        ("http://[fd00::1]", "[fd00::1]", "inside this building only"),
        ("https://redbag.local", "redbag.local", "inside this building only"),
        ("http://server7:8000", "server7:8000", "inside this building only"),
        ("https://8.8.8.8", "8.8.8.8", ""),
    ],
)
def test_warns_of_an_address_that_a_telephone_elsewhere_cannot_open(
    base_url: str, read_at: str, fault: str
) -> None:
    shown = shown_address(base_url, read_at)
    assert shown.text == f"{base_url}/B/…"
    assert fault in shown.fault
    assert bool(shown.fault) is bool(fault) is bool(shown.advice)
