"""Files from outside: opened, drawn anew, thrown away."""
