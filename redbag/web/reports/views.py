"""Every page of this area: importing a module registers its views."""

from redbag.web.reports import (
    blueprint,
    charts,
    comparison,
    exports,
    front,
    history,
    length_of_stay,
    pathway,
    pathway_behind,
    places,
    seen,
)

__all__ = [
    "blueprint",
    "charts",
    "comparison",
    "exports",
    "front",
    "history",
    "length_of_stay",
    "pathway",
    "pathway_behind",
    "places",
    "seen",
]
