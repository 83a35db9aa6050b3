"""What a home usually sends along."""

from __future__ import annotations

from sqlalchemy import select

from redbag.database import db
from redbag.domain.belongings import DEFAULT_BELONGINGS, UsualItem
from redbag.models import UsualBelonging


def usual(home_id: int) -> list[UsualItem]:
    """The home's own list in its order, or the defaults until it has one."""
    return [UsualItem(row.name, row.valuable, row.ref) for row in own(home_id)] or list(DEFAULT_BELONGINGS)


def own(home_id: int) -> list[UsualBelonging]:
    """The lines that the home has made its own, in its order; empty until it has."""
    return list(
        db.session.scalars(
            select(UsualBelonging)
            .filter_by(organisation_id=home_id, removed_at=None)
            .order_by(UsualBelonging.position, UsualBelonging.id)
        )
    )
