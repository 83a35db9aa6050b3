"""Measurements of what must stay fast, each against its limit in the same run on the same machine."""
