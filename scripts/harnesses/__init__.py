"""What tries to break a running installation, and looks afterwards whether anything was lost."""
