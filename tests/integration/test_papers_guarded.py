"""Papers against those who mean no good: who prints them, what they may take up, who is told of a look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import Invalid
from redbag.domain.papers import REASONS, Refused
from redbag.models import Paper, TransferItem
from redbag.services import papers as services
from redbag.storage.drawn import Drawn, draw_anew
from redbag.web import small_pictures
from tests import papers
from tests.cast import Cast
from tests.integration.attaching import CHART, FACE, add_paper, add_photo, post, resident_path, send, stored
from tests.integration.walk import Walk
from tests.visitor import Visitor, filled

Visit = Callable[[str], Visitor]
DRAWING = "redbag.web.uploads.draw_anew"


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast)


# Who prints


def test_hospital_prints_no_pack_no_older_version_and_no_label(walk: Walk, visit: Visit) -> None:
    carer, nurse = visit("carer"), visit("nurse")
    add_paper(carer, walk, "lpa", CHART)
    walk.to("packed", "left", "arrived", "admitted")
    ref = stored(walk)["lpa"]
    carer.open(f"{resident_path(walk)}/papers")
    carer.press(action=f"/papers/{ref}/remove")
    pack = f"/transfers/{walk.ref}/pack"
    paths = [f"{pack}.pdf{query}" for query in ("", "?version=1&papers=yes", "?label=a4", "?papers=fitting")]
    paths += [f"{pack}-1/papers", f"{pack}-1/paper-{ref}.pdf"]
    for path in paths:
        assert nurse.client.get(path).status_code == 403, path
        assert visit("hospital_manager").client.get(path).status_code == 403, path
        # The home prints any version that it made.
        assert carer.client.get(path).status_code == 200, path
        assert visit("outsider").client.get(path).status_code == 404, path
    assert carer.client.get(f"{pack}-2/paper-{ref}.pdf").status_code == 404  # taken away before that


def test_hospital_sees_no_pack_while_it_is_in_doubt_whose_bag_it_is(walk: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    walk.to("packed", "left", "arrived")
    nurse.open(f"/b/{walk.token}")
    nurse.press(action=f"/b/{walk.token}/not-this-person")
    answer = nurse.client.get(f"/transfers/{walk.ref}/pack.pdf")
    assert answer.status_code == 403
    assert "Agnes" not in answer.text


def test_papers_that_are_too_long_for_one_print_are_named_and_printed_singly(
    walk: Walk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer = visit("carer")
    add_paper(carer, walk, "cpr", ("one.jpg", papers.jpeg()))
    add_paper(carer, walk, "lpa", ("two.pdf", papers.pdf(3)))
    walk.to("packed", "left")
    address = f"/transfers/{walk.ref}/pack.pdf?version=1&papers=yes"
    assert carer.client.get(address).mimetype == "application/pdf"
    monkeypatch.setattr("redbag.domain.papers.MOST_PRINTED_PAGES", 2)
    page = carer.open(address)
    assert "too long for one print" in page.text
    links = page.links()
    (alone,) = [words for words in links if ", 3 pages, taken on" in words]
    assert carer.client.get(links[alone]).mimetype == "application/pdf"
    assert walk.audited("paper.read")[-1] == (stored(walk)["lpa"], {"what": "lpa", "page": "print"})
    (rest,) = [words for words in links if words.startswith("The pack with ReSPECT")]
    assert carer.client.get(links[rest]).mimetype == "application/pdf"


# What they may take up


def test_what_is_kept_of_one_person_has_an_end_that_taking_away_does_not_move(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, ref = walk.cast.actor("carer"), walk.way.resident_ref
    for number in range(2):
        one = Drawn((bytes([number]) * 90,), b"small")
        (kept,) = walk.write(lambda one=one: [row.ref for row in add(walk, one)])
        walk.write(lambda kept=kept: services.remove(actor, kept, walk.way.now))
    monkeypatch.setattr(services, "MOST_RESIDENT_BYTES", 200)
    with pytest.raises(Invalid, match="no room"):
        walk.write(lambda: add(walk, Drawn((b"c" * 90,), b"small")))
    with pytest.raises(Invalid, match="no room"):
        walk.write(lambda: services.set_photo(actor, ref, Drawn((b"d" * 90,), b"small"), walk.way.now))
    monkeypatch.setattr(services, "MOST_RESIDENT_BYTES", 290)
    walk.write(lambda: add(walk, Drawn((b"c" * 90,), b"small")))


def add(walk: Walk, drawn: Drawn) -> list[Paper]:
    return services.add(walk.cast.actor("carer"), walk.way.resident_ref, "lpa", "", [drawn], walk.way.now)


def test_summaries_have_room_of_their_own(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    walk.to("packed", "left", "arrived")
    monkeypatch.setattr(services, "MOST_SUMMARY_BYTES", 100)
    nurse, one = walk.cast.actor("nurse"), Drawn((b"s" * 80,), b"small")
    monkeypatch.setattr(services, "MOST_RESIDENT_BYTES", 0)  # the home's room is not the hospital's to fill
    (kept,) = walk.write(
        lambda: [row.ref for row in services.add_summary(nurse, walk.ref, [one], walk.way.now)]
    )
    walk.write(lambda: services.remove_summary(nurse, walk.ref, kept, walk.way.now))
    other = Drawn((b"t" * 80,), b"small")
    with pytest.raises(Invalid, match="no room"):
        walk.write(lambda: services.add_summary(nurse, walk.ref, [other], walk.way.now))


def test_nothing_is_opened_for_who_may_add_nothing(
    walk: Walk, visit: Visit, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    walk.to("packed")
    monkeypatch.setattr(DRAWING, lambda *_, **__: pytest.fail("opened"))
    thing = walk.look(lambda: services.item_of(walk.way.transfer, first_thing(walk)).ref)
    for part, path, status in (
        ("outsider", f"{resident_path(walk)}/papers", 404),
        ("outsider", f"{resident_path(walk)}/photo", 404),
        ("outsider", f"/transfers/{walk.ref}/belongings/{thing}/photo", 404),
        ("carer", f"/transfers/{walk.ref}/belongings/{'0' * 16}/photo", 404),
        ("nurse", f"{resident_path(walk)}/papers", 403),
        ("nurse", f"/ward/transfers/{walk.ref}/summary", 404),  # they are not there
    ):
        assert post(visit(part).client, path, [], FACE).status_code == status, (part, path)
    walk.to("left", "arrived")
    nurse = visit("nurse")
    nurse.open(f"/b/{walk.token}")
    nurse.press(action=f"/b/{walk.token}/not-this-person")
    assert post(nurse.client, f"/ward/transfers/{walk.ref}/summary", [], CHART).status_code == 409


def first_thing(walk: Walk) -> str:
    return db.session.query(TransferItem).filter_by(transfer_id=walk.way.transfer.id).first().ref


def test_form_that_was_answered_is_not_opened_again(
    walk: Walk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer, action = visit("carer"), f"{resident_path(walk)}/papers"
    page = carer.open(action)
    send(carer, CHART, typed={"kind": "lpa"}, action=action)
    monkeypatch.setattr(DRAWING, lambda *_, **__: pytest.fail("opened"))
    carer.page = page
    assert send(carer, CHART, typed={"kind": "lpa"}, action=action).status == 200
    carer.page = page
    assert send(carer, FACE, typed={"kind": "lpa"}, action=action).status == 422
    assert walk.look(lambda: db.session.query(Paper).count()) == 1


def test_who_finds_no_turn_keeps_what_was_typed(
    walk: Walk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def no_turn(_account: int, _folder: Path | None) -> Iterator[None]:
        raise Refused("busy")
        yield

    monkeypatch.setattr("redbag.web.uploads.turn", no_turn)
    page = add_paper(visit("carer"), walk, "other", CHART, title="Letter of the clinic")
    assert page.status == 422
    assert REASONS["busy"] in page.text
    assert dict(filled(page.form(f"{resident_path(walk)}/papers"), {}))["title"] == "Letter of the clinic"


def test_files_of_a_form_share_the_time_of_one(
    walk: Walk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, given = [100.0], []

    def slow(name: str, content: bytes, *, seconds: float, **how: object) -> Drawn:
        given.append(seconds)
        clock[0] += 6
        return draw_anew(name, content, seconds=10 if seconds > 0 else seconds, **how)  # type: ignore[arg-type]

    monkeypatch.setattr("redbag.web.uploads.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(DRAWING, slow)
    shots = [(f"{n}.jpg", papers.jpeg(60 + n, 80)) for n in range(4)]
    page = add_paper(visit("carer"), walk, "lpa", *shots)
    assert given == [15, 9, 3, -3]
    assert "File 4 of 4: The file takes too long" in page.text
    assert stored(walk) == {}


# Who is told of a look


def looks(walk: Walk) -> list[str]:
    return [ref for ref, _ in walk.audited("paper.read")]


def test_small_picture_on_a_page_is_part_of_that_read_and_by_itself_one_of_its_own(
    walk: Walk, visit: Visit
) -> None:
    carer = visit("carer")
    add_photo(carer, walk)
    ref = stored(walk)["photo"]
    page = carer.open("/residents")
    (address,) = {image.get("src") for image in page.tree.iter("img") if ref in (image.get("src") or "")}
    assert carer.client.get(address).status_code == 200
    assert looks(walk) == []
    bare = f"/papers/{ref}/small.jpg"
    assert carer.client.get(bare).status_code == 200
    assert walk.audited("paper.read") == [(ref, {"what": "photo", "page": "small"})]
    # A mark of somebody else's page, or one that was changed, is none.
    assert visit("manager").client.get(address).status_code == 200
    assert carer.client.get(f"{address[:-1]}{'A' if address[-1] != 'A' else 'B'}").status_code == 200
    assert looks(walk) == [ref] * 3


def test_ward_small_picture_by_itself_is_a_read(walk: Walk, visit: Visit) -> None:
    add_photo(visit("carer"), walk)
    walk.to("packed", "left")
    ref, nurse = stored(walk)["photo"], visit("nurse")
    page = nurse.open(f"/b/{walk.token}")
    (address,) = {image.get("src") for image in page.tree.iter("img") if ref in (image.get("src") or "")}
    nurse.client.get(address)
    assert looks(walk) == []
    nurse.client.get(f"/b/{walk.token}/papers/{ref}/small.jpg")
    assert looks(walk) == [ref]


def test_mark_of_a_page_is_old_after_a_while_and_good_for_one_picture(
    walk: Walk, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer = visit("carer")
    add_photo(carer, walk)
    add_paper(carer, walk, "lpa", CHART)
    kept = stored(walk)
    page = carer.open(f"{resident_path(walk)}/papers")
    sources = {image.get("src") or "" for image in page.tree.iter("img")}
    (mark,) = {source.partition("?")[2] for source in sources if kept["photo"] in source}
    carer.client.get(f"/papers/{kept['lpa']}/small.jpg?{mark}")
    assert looks(walk) == [kept["lpa"]]
    moments = iter((timedelta(minutes=14), timedelta(minutes=31)))
    for later in moments:
        at = datetime.now(UTC) + later
        monkeypatch.setattr(small_pictures, "now", lambda at=at: at)
        carer.client.get(f"/papers/{kept['photo']}/small.jpg?{mark}")
    assert looks(walk) == [kept["lpa"], kept["photo"]]


def test_page_that_told_the_log_nothing_marks_no_picture(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    add_photo(carer, walk)
    page = add_paper(carer, walk, "lpa")  # no file: the form again, which is no read
    assert page.status == 422
    (address,) = {
        image.get("src") for image in page.tree.iter("img") if "small.jpg" in (image.get("src") or "")
    }
    assert "?" not in address
