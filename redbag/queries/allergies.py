"""What the person of a journey is recorded as reacting to."""

from __future__ import annotations

from sqlalchemy import select

from redbag.database import db
from redbag.domain.going_home import new_reaction
from redbag.domain.medicine_allergies import substances
from redbag.domain.pack import Alert
from redbag.domain.pack_alerts import allergy_alert
from redbag.models import RecordSection, Transfer
from redbag.queries import packs, recorded


def alert_of(transfer: Transfer) -> Alert:
    """The allergy alert as the newest frozen pack says it; before the first pack, as the record does."""
    pack = packs.latest(transfer.id)
    found = next((alert for alert in pack.alerts if alert.kind == "allergies"), None) if pack else None
    return found or of_resident(transfer.resident_id)


def of_resident(resident_id: int) -> Alert:
    """The allergy alert of the standing record."""
    alerts = db.session.scalar(
        select(RecordSection.answers).filter_by(resident_id=resident_id, key="alerts").limit(1)
    )
    return allergy_alert(alerts or {})


def known(transfer: Transfer) -> tuple[str, ...]:
    """Everything that the person is recorded as reacting to: by the pack, by the record since, and by what
    the ward wrote as they left."""
    found = (*substances(alert_of(transfer)), *substances(of_resident(transfer.resident_id)))
    new = new_reaction(recorded.leaving_data(transfer.id).get("handover") or {})
    return tuple(dict.fromkeys((*found, *([new] if new else []))))
