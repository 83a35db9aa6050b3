"""Reads: each takes an Actor and returns only what that actor may see."""
