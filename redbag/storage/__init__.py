"""Images and papers: checked, re-encoded, kept."""
