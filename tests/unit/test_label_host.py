"""The public address that labels carry is checked when the application starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from redbag.config import ConfigurationError, load_settings

KEYS = {
    "REDBAG_MODE": "production",
    "DATABASE_URL": "postgresql://db/redbag",
    "REDBAG_BEHIND_PROXY": "1",
    "REDBAG_SECRET_KEY": bytes(range(32)).hex(),
    "REDBAG_LABEL_KEY": bytes(range(1, 33)).hex(),
    "REDBAG_AUDIT_KEY": bytes(range(2, 34)).hex(),
}


@pytest.mark.parametrize(
    "address",
    [
        "redbag.example.org",
        "ftp://redbag.example.org",
        "https://",
        "https://redbag.example.org/app",
        "https://redbag.example.org?x=1",
        "https://red_bag.example.org",
        "https://rédbag.example.org",
        "https://redbag.example.org:port",
        "https://carer@redbag.example.org",
    ],
)
def test_an_address_that_no_label_can_carry_is_refused_at_start(address: str, tmp_path: Path) -> None:
    for environ in ({"REDBAG_INSTANCE": str(tmp_path)}, KEYS):
        with pytest.raises(ConfigurationError, match="REDBAG_BASE_URL"):
            load_settings({**environ, "REDBAG_BASE_URL": address})


@pytest.mark.parametrize("address", ["http://redbag.example.org", "https://localhost", "https://127.0.0.1"])
def test_production_refuses_an_address_that_is_not_for_everybody(address: str) -> None:
    with pytest.raises(ConfigurationError, match="REDBAG_BASE_URL"):
        load_settings({**KEYS, "REDBAG_BASE_URL": address})


def test_a_slash_at_the_end_is_left_out(tmp_path: Path) -> None:
    assert (
        load_settings({**KEYS, "REDBAG_BASE_URL": "https://red.example/"}).base_url == "https://red.example"
    )
    local = {"REDBAG_INSTANCE": str(tmp_path), "REDBAG_BASE_URL": "http://10.0.0.7:8000/"}
    assert load_settings(local).base_url == "http://10.0.0.7:8000"
