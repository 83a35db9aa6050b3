"""The rows of a file of earlier stays: what each cell may say, and what is said of the whole file."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings, strategies

from redbag.documents.history_template import csv_template, xlsx_template
from redbag.domain import history_columns
from redbag.domain.errors import Invalid
from redbag.domain.history_cells import stay_day
from redbag.domain.history_plan import Known, Plan, new_ones
from redbag.domain.history_rows import EarlierStay, Places, Reader, Setting, Tally
from redbag.domain.import_cells import Cell
from redbag.storage.long_tables import Limits, parts
from redbag.storage.scratch import scratch
from tests.unit.test_spreadsheets import workbook

TODAY = date(2026, 11, 22)
JOINED = date(2024, 8, 1)
LIMITS = Limits(rows=50, file_bytes=1024 * 1024, unpacked=4 * 1024 * 1024)
HOMES = Places({"rowanhouse": (1,), "larchlodge": (2, 3)}, {"VN101": 1, "VN102": 2})
HOSPITALS = Places({"stbrannockshospital": (7,)}, {"RQX01": 7})


def setting(own_home: int | None = None, *, leave_out: bool = False) -> Setting:
    return Setting(
        HOMES, HOSPITALS, own_home, {1: JOINED}, TODAY, lambda home, ref: f"{home}/{ref}", leave_out
    )


def read(content: bytes | str, within: Setting | None = None) -> tuple[list[EarlierStay], Tally]:
    """The stays of a file, and what is said of it."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    found, tally = [], Tally()
    with parts(file, LIMITS) as sheets:
        for sheet in sheets:
            headed = history_columns.head(sheet.name, sheet.lines)
            if headed is not None:
                reader = Reader(headed, within or setting(), tally)
                found += [stay for line in headed.rows if (stay := reader.read(line))]
    return found, tally


def one(within: Setting | None = None, **cells: str) -> tuple[EarlierStay | None, list[str]]:
    """The stay of a single row by its columns, or what is wrong with it."""
    row = {"Home": "VN101", "Admission": "3/4/2019", "Discharge": "14/4/2019", **cells}
    row = {heading.replace("_", " "): cell for heading, cell in row.items()}
    stays, tally = read(f"{';'.join(row)}\n{';'.join(row.values())}\n", within)
    return (stays[0] if stays else None), [f"{fault.column}: {fault.message}" for fault in tally.faults]


@pytest.mark.parametrize(
    ("cells", "field", "value"),
    [
        ({"Home": "rowan house"}, "home_id", 1),
        ({"Admission": "2019-04-03"}, "admitted", date(2019, 4, 3)),
        ({"Admission": "3 April 2019 14:30"}, "admitted", date(2019, 4, 3)),
        ({"Admission": "3/4/19"}, "admitted", date(2019, 4, 3)),
        ({"Admission": "2019-04-03T23:30:00Z"}, "admitted", date(2019, 4, 4)),
        ({"Admission": "2019-01-03T23:30:00Z"}, "admitted", date(2019, 1, 3)),
        ({"Admission": "14/4/2019"}, "admitted", date(2019, 4, 14)),
        ({"Discharge": ""}, "discharged", None),
        ({"Discharge": "Still in hospital"}, "discharged", None),
        ({"Discharge": ""}, "ended_as", ""),
        ({}, "ended_as", "unknown"),
        ({"How it ended": "Deceased"}, "ended_as", "died"),
        ({"Reason": "FALLS"}, "reason", "fall"),
        ({"Reason": "Urinary-tract infection"}, "reason", "infection"),
        ({"Reason": "Hip fracture"}, "reason", "other"),
        ({}, "reason", ""),
        ({"Age": "120"}, "age", 120),
        ({"Hospital": "St Brannock’s Hospital"}, "hospital_id", 7),
        ({"Hospital": "rqx01"}, "hospital_id", 7),
        ({"Hospital": "Elsewhere"}, "hospital_words", "Elsewhere"),
        ({"Red bag": "y"}, "with_bag", True),
        ({"Red bag": "Without"}, "with_bag", False),
        ({"Red bag": "not known"}, "with_bag", None),
        ({"Kind of admission": "Elective"}, "journey_type", "planned"),
        ({"Person": "R1"}, "person_key", "1/R1"),
        ({}, "person_key", ""),
    ],
)
def test_what_a_cell_may_say(cells: Mapping[str, str], field: str, value: object) -> None:
    stay, wrong = one(**cells)
    assert wrong == []
    assert getattr(stay, field) == value


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"Home": "Rowan Hous"}, "Home: No care home is called so here"),
        ({"Home": "Larch Lodge"}, "Home: 2 have this name. Write the ODS code."),
        ({"Home": ""}, "Home: This cell is empty"),
        ({"Admission": ""}, "Admission: This cell is empty."),
        ({"Admission": "4/13/2019"}, "Admission: The day comes first"),
        ({"Admission": "=A1"}, "Admission: This cell holds a formula"),
        ({"Admission": "3/4/1999"}, "Admission: This is before 2000"),
        ({"Admission": "23/11/2026", "Discharge": ""}, "Admission: This day is in the future"),
        ({"Discharge": "2/4/2019"}, "Discharge: This is before the admission on Wed 3 Apr 2019."),
        ({"Discharge": "14/4/2027"}, "Discharge: This day is in the future"),
        (
            {"Admission": "1/8/2024", "Discharge": ""},
            "Admission: Red Bag has this home’s stays from",
        ),
        ({"Age": "121"}, "Age: An age over 120"),
        ({"Age": "84.5"}, "Age: Write the age in whole years"),
        ({"Red bag": "perhaps"}, "With bag: Write yes or no"),
        ({"How it ended": "well"}, "How it ended: Write one of"),
        ({"Person": "999 000 0018"}, "Person reference: This looks like an NHS number"),
    ],
)
def test_what_a_cell_may_not_say(cells: Mapping[str, str], said: str) -> None:
    stay, wrong = one(**cells)
    assert stay is None
    assert len(wrong) == 1
    assert wrong[0].startswith(said)


def test_a_manager_loads_no_home_but_their_own() -> None:
    stay, _ = one(setting(1), Home="")
    assert stay is not None
    assert stay.home_id == 1
    assert one(setting(1), Home="VN102")[1] == [
        "Home: This is not your home. A file of several homes is loaded by the administrator."
    ]
    with pytest.raises(Invalid, match="There must be a column “Home”"):
        read("Admission,Discharge\n3/4/2019,\n")
    assert [stay.home_id for stay in read("Admission,Discharge\n3/4/2019,\n", setting(1))[0]] == [1]


def test_stays_that_red_bag_has_itself_can_be_left_out() -> None:
    stays, tally = read(
        "Home,Admission,Discharge\nVN101,31/7/2024,\nVN101,1/8/2024,\nVN102,1/8/2024,\n",
        setting(leave_out=True),
    )
    assert [(stay.home_id, stay.number) for stay in stays] == [(1, 2), (2, 4)]
    assert (tally.recorded, tally.wrong) == (1, 0)


def test_no_reference_is_shown_or_kept_as_it_is_written() -> None:
    stay, wrong = one(Person="Joan Smith", Age="200")
    assert not any("Joan" in words for words in wrong)
    stay, _ = one(setting(), Person="secret-42")
    assert stay is not None
    assert "secret-42" not in stay.print
    _, tally = read("Home,Admission,Discharge,Person\nVN101,3/4/2019,,9990000018\n")
    assert [fault.cell for fault in tally.faults] == ["not shown"]


def test_what_has_to_be_said_is_counted_and_bounded() -> None:
    row = "VN101,14/04/19,,Hip fracture,17,Elsewhere\n"
    stays, tally = read("Home,Admission,Discharge,Reason,Age,Hospital\n" + row * 40)
    assert len(stays) == 40
    assert (tally.days_said, len(tally.said), tally.young) == (40, 20, 40)
    assert tally.other_reasons == {"Hip fracture": 40}
    assert tally.strange_hospitals == {"Elsewhere": 40}
    _, tally = read("Home,Admission,Discharge,Age,With bag\n" + "VN101,3/4/2019,13/13/2019,x,?\n" * 50)
    assert (tally.wrong, len(tally.faults)) == (150, 100)
    with pytest.raises(Invalid, match="more than 50 rows"):
        read("Home,Admission,Discharge\n" + "VN101,3/4/2019,\n" * 51)


def test_xlsx_says_the_same_as_csv() -> None:
    rows = [
        ["Title of an export"],
        ["Home", "Admission date", "Discharge date", "Age", "Red bag", "Resident ID"],
        ["VN101", date(2019, 4, 3), date(2019, 4, 14), 84, True, 42],
        ["VN101", 43558, "14.4.2019", "84", "yes", "42"],
    ]
    stays, tally = read(workbook(("2019", rows), ("Notes", [["nothing"]])))
    assert tally.wrong == 0
    assert len({stay._replace(number=0) for stay in stays}) == 1
    csv = "Home;Admission date;Discharge date;Age;Red bag;Resident ID\nVN101;3/4/2019;14/4/2019;84;x;42"
    assert read(csv.encode("utf-16"))[0][0].print == stays[0].print


def test_templates_hold_no_row_until_somebody_fills_one_in() -> None:
    for content in (csv_template(), xlsx_template()):
        assert read(content)[0] == []
    filled = csv_template().replace(b"# Rose Court", b"VN101")
    stays, tally = read(filled)
    assert tally.faults == []
    assert len(stays) == 2
    assert stays[0].ended_as == "home"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04rest", "cannot be read"),
        (b"\xd0\xcf\x11\xe0", "locked with a password, or is an old Excel file"),
        (b"Home,Admission\nVN101,3/4/2019\n", "no column is called “Discharge”"),
        (b"Admission,Admitted,Discharge\n", "Two columns mean the same"),
        (b'Home,Admission,Discharge\nVN101,"3/4/2019,\n', "cannot be read"),
    ],
)
def test_files_that_are_refused(content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as problem:
        read(content)
    assert said in problem.value.errors["file"]


def test_rows_that_say_the_same_are_numbered_by_home_and_known_again() -> None:
    row = "{},3/4/2019,14/4/2019\n"
    stays, _ = read("Home,Admission,Discharge\n" + "".join(map(row.format, ("VN101", "VN102", "VN101"))))
    plan = Plan()
    with scratch() as rows:
        for stay in stays:
            rows.add(stay)
        keys = [
            (one.stay.home_id, one.key.partition(".")[2])
            for batch in new_ones(rows.numbered(), Known((), lambda _: set(), {}), plan)
            for one in batch
        ]
        assert sorted(keys) == [(1, "1"), (1, "2"), (2, "1")]
        assert (plan.new, plan.equal) == (3, 1)
        there = {(1, f"{stays[0].print}.1")}
        again = Plan()
        fresh = [*new_ones(rows.numbered(), Known({1}, lambda _: there, {}), again)]
    assert (again.new, again.already, sum(map(len, fresh))) == (2, 1, 2)


def test_a_stay_that_was_loaded_without_its_end_would_count_twice() -> None:
    stays, _ = read("Home,Admission,Discharge,Person\nVN101,3/4/2019,14/4/2019,R1\nVN101,3/4/2019,,R2\n")
    known = Known({1}, lambda _: set(), {(1, date(2019, 4, 3), "1/R1"): "spring.csv"})
    plan = Plan()
    list(new_ones(((stay, 1) for stay in stays), known, plan))
    assert [(fault.row, "“spring.csv”" in fault.message) for fault in plan.tally.faults] == [(2, True)]


ROW = strategies.tuples(
    strategies.sampled_from(["VN101", "VN102"]),
    strategies.sampled_from(["3/4/2019", "2019-04-03", "4/4/2019"]),
    strategies.sampled_from(["14/4/2019", ""]),
    strategies.sampled_from(["", "R1", "R2"]),
)


@settings(max_examples=25, deadline=None)
@given(strategies.lists(ROW, min_size=1, max_size=25), strategies.randoms(use_true_random=False))
def test_the_same_stays_come_from_any_order_and_from_any_files(
    rows: list[tuple[str, ...]], dice: random.Random
) -> None:
    """In one file or two, in any order, once or twice. Rows that say the same stand in one file: in two
    they would be one stay that is told of twice."""
    whole = _brought_in([rows])
    one, two = [], []
    for same in {(home, stay_day(Cell(day)).day, *rest): None for home, day, *rest in rows}:
        there = [row for row in rows if (row[0], stay_day(Cell(row[1])).day, *row[2:]) == same]
        dice.choice((one, two)).extend(there)
    for file in (one, two, rows):
        dice.shuffle(file)
    assert _brought_in([one, two, rows, one]) == whole
    assert len(whole) == len(rows)


def _brought_in(files: list[list[tuple[str, ...]]]) -> set[tuple[int, str]]:
    """The keys that are there after these files were loaded one after the other."""
    there: set[tuple[int, str]] = set()
    for file in files:
        stays, _ = read("Home,Admission,Discharge,Person\n" + "".join(f"{','.join(row)}\n" for row in file))
        known = Known({1, 2}, lambda keys: {one for one in there if one[1] in keys}, {})
        with scratch() as rows:
            for stay in stays:
                rows.add(stay)
            new = [(one.stay.home_id, one.key) for b in new_ones(rows.numbered(), known, Plan()) for one in b]
        assert there.isdisjoint(new)
        there.update(new)
    return there
