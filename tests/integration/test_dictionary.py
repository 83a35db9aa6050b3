"""dm+d: loaded by the operator, offered while somebody types, on both databases; and the home's own words."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text

from redbag.cli import commands
from redbag.database import db
from redbag.domain.medicines import pair
from redbag.models import AuditEntry, DmdConcept, DmdRelease, DmdWord, MedicineLine
from redbag.queries import dictionary, residents
from redbag.queries.medicine_lines import standing, travelling
from tests.cast import Cast
from tests.integration import household
from tests.integration.found import the
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

VTM = "<VTM><VTMID>{0}</VTMID>{2}<NM>{1}</NM></VTM>"
VMP = "<VMP><VPID>{0}</VPID><VTMID>90332006</VTMID>{2}<NM>{1}</NM><BASISCD>0001</BASISCD></VMP>"
AMP = "<AMP><APID>{0}</APID>{2}<VPID>322236009</VPID><NM>x</NM><DESC>{1}</DESC><SUPPCD>1</SUPPCD></AMP>"
SHAPE = {
    "vtm": (VTM, '<VIRTUAL_THERAPEUTIC_MOIETIES xmlns:xsi="http://x">', "</VIRTUAL_THERAPEUTIC_MOIETIES>"),
    "vmp": (
        VMP,
        "<VIRTUAL_MED_PRODUCTS><VMPS>",
        "</VMPS><VIRTUAL_PRODUCT_INGREDIENT><VPI><VPID>322236009</VPID></VPI></VIRTUAL_PRODUCT_INGREDIENT>"
        "</VIRTUAL_MED_PRODUCTS>",
    ),
    "amp": (AMP, "<ACTUAL_MEDICINAL_PRODUCTS><AMPS>", "</AMPS><AP_INGREDIENT/></ACTUAL_MEDICINAL_PRODUCTS>"),
}
FIRST = {
    "vtm": [("90332006", "Paracetamol"), ("108774000", "Anastrozole")],
    "vmp": [
        ("322236009", "Paracetamol 500mg tablets"),
        ("322280009", "Paracetamol 500mg capsules"),
        ("322250004", "Paracetamol 250mg/5ml oral suspension"),
    ],
    "amp": [
        ("13433211000001104", "Paracetamol 500mg tablets (Actavis UK Ltd)"),
        ("3637411000001108", "Panadol"),
    ],
}


def release(
    folder: Path,
    concepts: dict[str, list[tuple[str, ...]]],
    name: str = "dmd_1.zip",
    day: str = "121124",
) -> Path:
    """A release as it is published: files within a ZIP file, in a folder, beside others."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(f"week/f_ingredient2_3{day}.xml", "<x/>")
        for kind, rows in concepts.items():
            packed.writestr(f"week/f_{kind}2_3{day}.xml", xml(kind, rows))
    return path


def xml(kind: str, rows: list[tuple[str, ...]]) -> str:
    shape, start, end = SHAPE[kind]
    told = "".join(shape.format(row[0], row[1], row[2] if len(row) > 2 else "") for row in rows)
    return f'<?xml version="1.0" encoding="utf-8" ?>\n{start}{told}{end}'


@pytest.fixture
def load(app: Flask) -> Callable[..., Result]:
    return lambda *files: CliRunner().invoke(commands, ["dmd", "load", *map(str, files)], obj=lambda: app)


def texts(cast: Cast, typed: str) -> list[str]:
    return [offer.text for offer in dictionary.completions(cast.actor("carer"), typed)]


def test_a_release_is_loaded_twice_and_then_a_later_one(
    app: Flask, cast: Cast, load: Callable[..., Result], tmp_path: Path
) -> None:
    first = release(tmp_path, FIRST)
    result = load(first)
    assert result.exit_code == 0, result.output
    assert "7 concepts, of which 7 are new and 0 changed. 0 are not in this release" in result.output
    assert "of which 0 are new and 0 changed. 0 are not" in load(first).output
    later = {
        "vmp": [
            ("322236009", "Paracetamol 500mg tablets"),
            ("322280009", "Paracetamol 500 mg hard capsules"),
            ("322250004", "Paracetamol 250mg/5ml oral suspension", "<INVALID>1</INVALID>"),
        ],
        "amp": FIRST["amp"][:1],
    }
    assert (
        "0 are new and 2 changed. 1 are not in this release" in load(release(tmp_path, later, "2.zip")).output
    )
    with app.app_context():
        assert texts(cast, "paracet") == [
            "Paracetamol 500mg tablets",
            "Paracetamol 500 mg hard capsules",
            "Paracetamol 500mg tablets (Actavis UK Ltd)",
            "Paracetamol",
        ]
        assert texts(cast, "panadol") == texts(cast, "suspension") == []
        gone = dictionary.by_code("3637411000001108")
        assert gone is not None
        assert gone.discontinued
        moiety = dictionary.by_code("108774000")
        assert moiety is not None
        assert not moiety.discontinued, "its file was not in the later release"
        assert [
            row.discontinued for row in db.session.scalars(select(DmdRelease).order_by(DmdRelease.id))
        ] == [0, 0, 1]
        notes = db.session.scalars(
            select(AuditEntry.details).filter_by(kind="dictionary.loaded").order_by(AuditEntry.id)
        ).all()
        assert [note["added"] for note in notes] == [7, 0, 0]
    # What comes back is offered again.
    load(first)
    with app.app_context():
        assert texts(cast, "panadol") == ["Panadol"]


def test_an_older_release_is_refused_unless_somebody_insists(
    app: Flask, cast: Cast, load: Callable[..., Result], tmp_path: Path
) -> None:
    assert load(release(tmp_path, FIRST, "nhsbsa_dmd_12.zip", "050126")).exit_code == 0
    old = release(tmp_path, {"vtm": FIRST["vtm"][:1]}, "old.zip", "311225")
    refused = load(old)
    assert refused.exit_code == 2
    for words in (
        "of Wed 31 Dec 2025",
        "of Mon 5 Jan 2026",
        "nhsbsa_dmd_12",
        "Nothing was written",
        "--older",
    ):
        assert words in " ".join(refused.output.split())
    with app.app_context():
        assert db.session.scalars(select(DmdRelease.name)).all() == ["nhsbsa_dmd_12"]
        assert texts(cast, "anastr") == ["Anastrozole"]
    insisted = load("--older", old)
    assert "1 are not in this release and are discontinued" in insisted.output
    # The newest day is still that of the first; a release of the same day, or one without a day, may come.
    assert load(old).exit_code == 2
    same = tmp_path / "f_vtm2_3050126.xml"
    nameless = tmp_path / "f_vtm2_3993399.xml"
    for path in (same, nameless):
        path.write_text(xml("vtm", FIRST["vtm"]), encoding="utf-8")
        assert load(path).exit_code == 0


def test_any_word_may_be_begun_and_products_come_first(
    app: Flask, cast: Cast, load: Callable[..., Result], tmp_path: Path
) -> None:
    load(release(tmp_path, FIRST))
    with app.app_context():
        assert texts(cast, "tab para") == [
            "Paracetamol 500mg tablets",
            "Paracetamol 500mg tablets (Actavis UK Ltd)",
        ]
        assert texts(cast, "PARA 250") == ["Paracetamol 250mg/5ml oral suspension"]
        assert texts(cast, "p") == texts(cast, "") == texts(cast, "%") == texts(cast, "zzz") == []
        offer = dictionary.completions(cast.actor("carer"), "500mg caps")[0]
        assert (offer.code, offer.note) == ("322280009", "dm+d generic product")
        assert dictionary.completions(cast.actor("oversight"), "paracetamol") == []


def test_search_goes_by_the_index(
    app: Flask, cast: Cast, load: Callable[..., Result], tmp_path: Path
) -> None:
    many = [(str(10_000_000 + n), f"Substance{n:05} {n % 50}mg tablets") for n in range(4_000)]
    load(release(tmp_path, {"vmp": many}))
    with app.app_context():
        connection = db.session.connection()
        if connection.dialect.name == "sqlite":
            ask = "EXPLAIN QUERY PLAN "
        else:
            connection.execute(text("ANALYZE dmd_words"))
            ask = "EXPLAIN "
        query = "SELECT concept_id FROM dmd_words WHERE word >= 'substance0012' AND word < 'substance0013'"
        plan = " ".join(str(row) for row in connection.execute(text(ask + query)))
        assert "ix_dmd_words_word_concept_id" in plan
        assert len(texts(cast, "substance0012")) == 10


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@on_sqlite
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("f_vmp2_1.xml", BOMB + xml("vmp", FIRST["vmp"]).partition("?>")[2], "declares entities"),
        ("f_vmp2_1.xml", xml("vmp", FIRST["vmp"])[:-30], "is not whole"),
        ("f_vmp2_1.xml", xml("vmp", [("12", "Too short a code")]), "has no code or no name"),
        ("f_vmp2_1.xml", xml("vmp", [("322236009", " ")]), "has no code or no name"),
        ("notes.xml", "<x/>", "is this a dm+d release?"),
    ],
)
def test_what_is_no_release_is_refused_before_anything_is_written(
    app: Flask, load: Callable[..., Result], tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    good = tmp_path / "f_vtm2_1.xml"
    good.write_text(xml("vtm", FIRST["vtm"]), encoding="utf-8")
    bad = tmp_path / name
    bad.write_text(content, encoding="utf-8")
    result = load(good, bad) if "is this" not in sentence else load(bad)
    assert result.exit_code == 2
    assert sentence in result.output
    with app.app_context():
        for table in (DmdConcept, DmdWord, DmdRelease):
            assert db.session.scalars(select(table)).all() == []


@on_sqlite
def test_the_home_is_offered_its_own_words_and_nobody_elses(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor], load: Callable[..., Result], tmp_path: Path
) -> None:
    load(release(tmp_path, FIRST))
    with app.app_context():
        joan = household.add(cast, "Joan", "Smith")
        for name in ("Paracetamol soluble", "paracetamol  soluble", "Laxido"):
            household.medicine(cast, joan, name, route="by mouth")
        household.add(cast, "Una", "Elsewhere", part="outsider")
        assert dictionary.known(cast.actor("outsider"))["name"] == []
        assert texts(cast, "para sol") == ["Paracetamol soluble"]
        assert texts(cast, "para")[0] == "Paracetamol soluble"
    page = visit("carer").open(f"/residents/{joan}/medicines/new")
    lists = {e.get("id"): [o.get("value") for o in e.iter("option")] for e in page.tree.iter("datalist")}
    assert lists["known-name"] == ["Paracetamol soluble", "Laxido"]
    assert lists["known-route"] == ["by mouth"]
    inputs = {e.get("id"): e.get("list") for e in page.tree.iter("input")}
    assert (inputs["name"], inputs["route"]) == ("known-name", "known-route")
    answer = visit("carer").client.get("/medicines/completions?q=para+tab")
    assert [one["text"] for one in answer.json] == [
        "Paracetamol 500mg tablets",
        "Paracetamol 500mg tablets (Actavis UK Ltd)",
    ]


@on_sqlite
def test_a_ward_is_offered_what_its_hospital_has_listed_before_and_the_dictionary(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor], load: Callable[..., Result], tmp_path: Path
) -> None:
    load(release(tmp_path, FIRST))
    with app.app_context():
        journey = Pathway(cast, household.QUIET_MORNING).packed().after(hours=1).left().after(hours=1)
        journey.admitted().after(days=1).medicines_listed()
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{journey.ref}/medicines")
    lists = {e.get("id"): [o.get("value") for o in e.iter("option")] for e in page.tree.iter("datalist")}
    assert set(lists["known-names"]) == {"Ramipril", "Oxycodone MR", "Senna"}
    name = next(e for e in page.tree.iter("input") if e.get("name") == "started-1-name")
    assert (name.get("list"), name.get("data-completions")) == ("known-names", "/ward/medicines/completions")

    def offered(part: str, typed: str) -> list[str]:
        answer = visit(part).client.get(f"/ward/medicines/completions?q={typed}")
        return [one["text"] for one in answer.json or []]

    assert offered("nurse", "oxy") == ["Oxycodone MR"]
    assert offered("nurse", "para+250") == ["Paracetamol 250mg/5ml oral suspension"]
    assert offered("other_nurse", "oxy") == []
    assert visit("carer").client.get("/ward/medicines/completions?q=oxy").status_code == 403


@on_sqlite
def test_a_code_of_the_dictionary_goes_with_the_bag_and_pairs_the_lines(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor], load: Callable[..., Result], tmp_path: Path
) -> None:
    load(release(tmp_path, FIRST))
    with app.app_context():
        start = household.QUIET_MORNING
        journey = Pathway(cast, start)
        ref = household.medicine(cast, journey.resident_ref, "Paracetamol 500mg tabs", code="322236009")
        found = residents.get(cast.actor("carer"), journey.resident_ref)
        line = standing(residents.medicine(found, ref))
        assert (line.name, line.code) == ("Paracetamol 500mg tabs", "322236009")
        journey.packed().after(hours=1).left()
        sent = the(MedicineLine, code="322236009")
        returned = MedicineLine(name="Paracetamol tablets 500 mg", code="322236009", side="returned")
        for column in ("form", "strength", "dose", "route", "frequency", "times"):
            setattr(returned, column, "")
        (proposal,) = pair([travelling(sent)], [travelling(returned)]).proposals
        assert proposal.by == "code"
        resident_ref = journey.resident_ref
    page = visit("carer").open(f"/residents/{resident_ref}/medicines/{ref}")
    assert "In dm+d this code is: Paracetamol 500mg tablets" in page.text
