"""Mechanisms: passphrases, tokens and chained hashes. No tables."""
