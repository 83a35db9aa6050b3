"""Pages, one blueprint for each kind of person."""
