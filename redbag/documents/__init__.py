"""Values drawn on paper. Nothing here reads a database or a request."""
