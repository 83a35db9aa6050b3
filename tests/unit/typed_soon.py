"""Clock times without a day, and the London clock at which each was typed: for the pages and the tablet."""

from __future__ import annotations

from datetime import date

DAYS = (date(2026, 11, 22), date(2026, 7, 1))
"""One in winter, one in summer time."""

STILL_SAID = (
    ("22:30", "23:50", "23:50"),
    ("22:30", "23:01", "23:01"),
    ("22:30", "at 23:50", "23:50"),
    ("22:30", "given 2350 hrs", "23:50"),
    ("22:30", "11.50pm", "23:50"),
    ("22:30", "23:50 by Joy", "23:50"),
    ("16:30", "22:00", "22:00"),
    ("16:30", "22:30", "22:30"),
    ("00:05", "02:50", "02:50"),
    ("02:50", "8 am", "08:00"),
    ("09:00", "noon", "12:00"),
)
"""The clock, what is typed, and the time that is said back."""

TAKEN = (
    ("22:30", "21:50"),
    ("22:30", "22:30"),
    ("22:30", "22:35"),
    ("22:30", "23:00"),
    ("22:30", "02:50"),
    ("22:30", "midnight"),
    ("22:30", "23:50 yesterday"),
    ("22:30", "yesterday 23:50"),
    ("22:30", "23:50 last night"),
    ("22:30", "21/11/2025 23:50"),
    ("22:30", "with her tea at 23:50"),
    ("16:29", "22:30"),
    ("06:21", "23:50"),
    ("02:50", "20:00"),
    ("02:50", "22:00"),
    ("23:50", "00:10"),
    ("22:30", ""),
)
"""The clock and what is typed: meant as ever."""
