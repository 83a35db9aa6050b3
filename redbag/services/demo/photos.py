"""Photos of the people whose journeys are told tonight: drawn here, and each marked as invented."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime, timedelta

from PIL import Image, ImageDraw, ImageFont

from redbag.domain import papers as rules
from redbag.domain.london_time import format_day, london_day
from redbag.domain.papers import PHOTO, SMALL_SIDE, PackFile
from redbag.models import KeptFile, Paper, PaperPage
from redbag.services.demo.dice import Dice
from redbag.services.demo.full_journey import Desk
from redbag.services.demo.residents import Person

_WIDTH, _HEIGHT = 480, 600
_BACKS = ("#cfe3f5", "#f7dfc8", "#d8ecd3", "#ead9f0", "#f5e6a8")
_SKINS = ("#f2cba8", "#d9a578", "#a9744f", "#7c4f33", "#eec2a2")
_HAIRS = ("#8d8d8d", "#d8d8d8", "#5b4a3f", "#f1efe9")
_CLOTHES = ("#2f5d8a", "#7a2f3f", "#3d6b4a", "#5a4a7d", "#8a5a2b")
_INK = "#212b32"
_TAKEN_BEFORE = timedelta(days=40)


class Album:
    """Gives people their photos. Draws from dice of its own, so that the rest of a borough stays as it is."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self._desk, self._writer, self._dice = desk, desk.writer, Dice(seed)
        self._kept: dict[str, int] = {}

    def photograph(self, person: Person, at: datetime) -> None:
        """A photo of this person, taken some weeks before `at` by their home; once for each."""
        if person.files:
            return
        taken, by, ref = at - _TAKEN_BEFORE, person.home.manager, self._dice.ref()
        page, small = self._drawn(person.who.name)
        file_id, sha256 = self._file(page)
        row = {
            "ref": ref,
            "home_id": person.home.id,
            "resident_id": person.id,
            "transfer_id": None,
            "item_id": None,
            "kind": PHOTO,
            "title": "",
            "small_id": self._file(small)[0],
            "organisation_id": person.home.id,
            "account_id": by.actor.account_id,
            "added_at": taken,
            "added_by": by.name,
            "removed_at": None,
            "removed_by": "",
        }
        paper_id = self._writer.add(Paper, row)
        self._writer.add(PaperPage, {"paper_id": paper_id, "number": 1, "file_id": file_id, "sha256": sha256})
        self._desk.note(taken, by, "paper.added", ("paper", ref), what=PHOTO)
        shown = PackFile(
            ref, PHOTO, rules.title(PHOTO), rules.digest([sha256]), 1, format_day(london_day(taken))
        )
        person.files = (shown,)

    def _file(self, content: bytes) -> tuple[int, str]:
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 not in self._kept:
            row = {"sha256": sha256, "size": len(content), "content": content}
            self._kept[sha256] = self._writer.add(KeptFile, row)
        return self._kept[sha256], sha256

    def _drawn(self, name: str) -> tuple[bytes, bytes]:
        dice = self._dice
        colours = (dice.pick(_BACKS), dice.pick(_SKINS), dice.pick(_HAIRS), dice.pick(_CLOTHES))
        picture = face(name, colours, glasses=dice.happens(0.5))
        small = picture.copy()
        small.thumbnail((SMALL_SIDE, SMALL_SIDE))
        return _jpeg(picture), _jpeg(small)


def face(name: str, colours: tuple[str, str, str, str], *, glasses: bool) -> Image.Image:
    """A drawn face with the initials of a name, and "INVENTED" across its foot.

    `colours`: of the wall, the skin, the hair and the clothes.
    """
    wall, skin, hair, clothes = colours
    image = Image.new("RGB", (_WIDTH, _HEIGHT), wall)
    pen = ImageDraw.Draw(image)
    pen.ellipse((40, 420, 440, 780), fill=clothes)
    pen.ellipse((120, 90, 360, 360), fill=hair)
    pen.ellipse((135, 130, 345, 420), fill=skin)
    for x in (195, 285):
        pen.ellipse((x - 11, 240, x + 11, 264), fill=_INK)
        if glasses:
            pen.ellipse((x - 36, 216, x + 36, 288), outline=_INK, width=5)
    if glasses:
        pen.line((231, 250, 249, 250), fill=_INK, width=5)
    pen.arc((190, 270, 290, 370), 30, 150, fill=_INK, width=6)
    initials = "".join(word[0] for word in name.split()[:1] + name.split()[-1:])
    pen.text((_WIDTH / 2, 480), initials, fill="white", font=ImageFont.load_default(64), anchor="mm")
    pen.rectangle((0, 540, _WIDTH, _HEIGHT), fill="white")
    pen.text((_WIDTH / 2, 570), "INVENTED", fill=_INK, font=ImageFont.load_default(44), anchor="mm")
    return image


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
