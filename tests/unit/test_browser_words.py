"""A browser's own long name, in a few words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.browser_words import LONGEST, browser_words

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROMIUM = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0"


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (f"Mozilla/5.0 (Linux; Android 14; K) {CHROMIUM} Mobile Safari/537.36", "Chrome on Android"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROMIUM} Safari/537.36", "Chrome on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROMIUM} Safari/537.36 Edg/156.0.0.0", "Edge on Windows"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROMIUM} Safari/537.36", "Chrome on a Chromebook"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROMIUM} Safari/537.36 OPR/120.0.0.0", "Opera on Linux"),
        (
            f"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-X200) {CHROMIUM} SamsungBrowser/29.0 Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {WEBKIT} Version/18.1 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) {WEBKIT} CriOS/150.0 Safari/604.1",
            "Chrome on iPad",
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.1 Safari/605.1.15",
            "Safari on a Mac or iPad",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko Firefox/143.0", "Firefox on a Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        ("Something of their own (Android 9)", "A browser on Android"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_a_few_words(named: str, words: str) -> None:
    assert browser_words(named) == words


@given(st.text())
def test_nothing_of_what_a_stranger_sends_is_kept(named: str) -> None:
    assert named not in browser_words(f"Chrome/1 {named} Android") or len(named) < LONGEST
    assert len(browser_words(f"{named} SamsungBrowser/ CrOS")) <= LONGEST
