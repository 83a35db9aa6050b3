"""Our own scripts and styles without what only their reader needs: a fifth of what goes over the line."""

from __future__ import annotations


def lean(text: str) -> str:
    """The same program, without lines that are comments, empty lines and indentation.

    No understanding of the language is needed, because nothing of ours goes over several lines in which
    these would count: no template literal does, and a comment that does begins and ends its own lines
    (tests/unit/test_lean.py).
    """
    kept, in_comment = [], False
    for line in map(str.strip, text.splitlines()):
        in_comment = in_comment or line.startswith("/*")
        if line and not in_comment and not line.startswith("//"):
            kept.append(line)
        in_comment = in_comment and not line.endswith("*/")
    return "\n".join(kept) + "\n"
