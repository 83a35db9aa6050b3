"""What a visitor finds beside the told journeys, done by the product's own services as people do it: a thing
that a ward photographed, somebody admitted by a nurse without an account on a unit that is on no list, and a
lost bag that turned up in another house.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import func, select, update

from redbag.database import db
from redbag.domain.papers import SMALL_SIDE
from redbag.domain.permissions import Origin
from redbag.domain.transfer_states import State
from redbag.models import Bag, Guest, Label, Organisation, Transfer, TransferEvent, TransferItem
from redbag.security.tokens import sha256_hex
from redbag.services import bag_reports, bags, found_photos, guests, stays
from redbag.services.demo.dice import Dice
from redbag.services.demo.places import Home, Worker
from redbag.services.sessions import Limits
from redbag.services.stays import Known
from redbag.storage.drawn import Drawn

_LIMITS = Limits(timedelta(hours=1), timedelta(hours=1), timedelta(hours=12), b"")


def add(homes: list[Home], dice: Dice, now: datetime) -> int:
    """Does all three, as far as the borough is large enough. Returns how many stays began by it."""
    for home, finder in zip(homes[1::-1], homes[:2], strict=False):
        if len(homes) > 1 and _found_bag(home, finder.staff[-1], now):
            break
    _photo(homes[0], now - timedelta(hours=2))
    return _without_an_account(homes[0], dice, now - timedelta(minutes=25))


def _found_bag(home: Home, finder: Worker, now: datetime) -> bool:
    """A bag of this home was given up as lost; another home has it. False where too few are in stock."""
    idle = db.session.scalars(select(Bag).filter_by(home_id=home.id, state="in_stock").order_by(Bag.id)).all()
    if len(idle) < 2:
        return False
    lost = max(now - timedelta(hours=30), idle[-1].state_since)
    bags.change_state(home.manager.actor, idle[-1], "lost", "Not on its hook since the weekend", lost)
    note = "In the boot of our minibus, empty"
    bag_reports.say(finder.actor, idle[-1], "here", note=note, now=now - timedelta(hours=3))
    return True


def _photo(home: Home, now: datetime) -> None:
    """A ward's photo of something that came with the first home's person, as it was found."""
    nurse = home.hospital.staff["ward"][0].actor
    found = db.session.execute(
        select(Transfer, TransferItem)
        .join(TransferItem, TransferItem.transfer_id == Transfer.id)
        .where(Transfer.home_id == home.id, Transfer.state == State.ADMITTED.value)
        .where(Transfer.hospital_id == nurse.organisation_id, TransferItem.removed_at.is_(None))
        .order_by(Transfer.id.desc(), TransferItem.id)
        .limit(1)
    ).first()
    if found is not None:
        transfer, item = found
        found_photos.add(nurse, transfer.ref, item.ref, _drawn(item.description), now)


def _without_an_account(home: Home, dice: Dice, now: datetime) -> int:
    """A nurse with the code from inside the bag admits somebody on a unit that the hospital never listed."""
    latest = select(func.max(TransferEvent.recorded_at)).where(TransferEvent.transfer_id == Transfer.id)
    found = db.session.execute(
        select(Transfer, Label)
        .join(Label, (Label.transfer_id == Transfer.id) & Label.revoked_at.is_(None))
        .where(Transfer.state == State.ARRIVED.value, Transfer.with_bag.is_(True))
        .where(Transfer.departed_at.is_not(None), Transfer.hospital_id == home.hospital.id)
        .where(latest.scalar_subquery() < now)
        .order_by(Transfer.id)
        .limit(1)
    ).first()
    if found is None:
        return 0
    transfer, label = found
    session = guests.begin(label, 1, Origin(), now)
    guest = db.session.scalars(select(Guest).filter_by(token_hash=sha256_hex(session))).one()
    hospital = db.session.get_one(Organisation, home.hospital.id)
    guests.name(guest, guests.Said("Ana Ruiz", "Nurse", hospital.ref, "Frailty Unit"), Origin(), now)
    signed_in = guests.resume(session, Origin(), _LIMITS, now)
    if signed_in is None:
        return 0
    actor = signed_in.actor
    known = Known(now, now, source="scan", label_id=label.id)
    stays.admit(
        actor, transfer, stays.own_place(actor), known, decided_at=now, bed="Trolley 4", with_bag=True
    )
    newest = select(func.max(TransferEvent.id)).where(TransferEvent.transfer_id == transfer.id)
    # As every reference of an invented journey it comes from the seed, so that a load can be repeated.
    seeded = update(TransferEvent).values(ref=dice.ref()).execution_options(synchronize_session=False)
    db.session.execute(seeded.where(TransferEvent.id == db.session.scalar(newest)))
    db.session.expire_all()
    return 1


def _drawn(name: str) -> Drawn:
    """A plain card with the thing's name: nobody mistakes it for a photo of somebody's own."""
    image = Image.new("RGB", (800, 600), "#e8edee")
    pen = ImageDraw.Draw(image)
    pen.rectangle((60, 60, 740, 460), outline="#212b32", width=6)
    pen.text((400, 260), name, fill="#212b32", font=ImageFont.load_default(48), anchor="mm")
    pen.text((400, 530), "INVENTED", fill="#212b32", font=ImageFont.load_default(44), anchor="mm")
    small = image.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return Drawn((_jpeg(image),), _jpeg(small))


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
