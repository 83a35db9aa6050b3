"""`python -m redbag`: the operator's command."""

from redbag.cli import main

main()
