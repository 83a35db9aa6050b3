"""Every page of this area: importing a module registers its views."""

from redbag.web.attention import blueprint, board, clocks, found_bags, mail

__all__ = ["blueprint", "board", "clocks", "found_bags", "mail"]
