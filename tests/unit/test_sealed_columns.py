"""Columns that may be sealed: which they are, what they hold with a key and without, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql, sqlite

import redbag.models  # noqa: F401 - fills the metadata
from redbag.database import Base
from redbag.domain.errors import Unsealable
from redbag.sealed_columns import Sealed, SealedBytes, SealedJson, SealedText, use_field_keys
from redbag.security.sealing import FieldKeys, key_id

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "sealed-fields.md"
KEY, OTHER = bytes(range(32)), bytes(range(3, 35))
SQLITE = sqlite.dialect()
NAME, ANSWERS, PHOTO = SealedText("a.name", 20), SealedJson("a.answers"), SealedBytes("a.photo")
VALUES = [
    (NAME, "Zebulina", "rb1:"),
    (NAME, "ZÉ 🎈 o'Brien", "rb1:"),
    (NAME, "rb1:what looks so", "rb1:"),
    (ANSWERS, {"allergies": ["Wasps"], "weight": 51.5, "none": None}, "rb1:"),
    (ANSWERS, [[1, 2], [3]], "rb1:"),
    (PHOTO, b"\xff\xd8 a photo \0", b"\0rb1:"),
]


@pytest.fixture(autouse=True)
def no_key_afterwards() -> Iterator[None]:
    yield
    use_field_keys(None)


def kept(type_: Sealed, value: Any) -> Any:
    return type_.process_bind_param(value, SQLITE)


def read(type_: Sealed, value: Any) -> Any:
    return type_.process_result_value(value, SQLITE)


@pytest.mark.parametrize(("type_", "value", "mark"), VALUES)
def test_a_value_comes_back_with_a_key_and_without(type_: Sealed, value: Any, mark: Any) -> None:
    plain = kept(type_, value)
    use_field_keys(FieldKeys(KEY))
    sealed = kept(type_, value)
    assert sealed != kept(type_, value), "sealed differently every time"
    assert sealed.startswith(mark)
    assert type_.key_of(sealed) == key_id(KEY)
    assert read(type_, sealed) == read(type_, plain) == value
    assert type_.key_of(plain) == "plain"


@pytest.mark.parametrize(
    ("type_", "value"), [(NAME, ""), (NAME, None), (ANSWERS, {}), (ANSWERS, []), (PHOTO, b""), (PHOTO, None)]
)
def test_what_says_nothing_stays_as_it_is(type_: Sealed, value: Any) -> None:
    use_field_keys(FieldKeys(KEY))
    assert kept(type_, value) == value
    assert read(type_, value) == value


def test_an_older_key_opens_and_without_its_key_nothing_does() -> None:
    use_field_keys(FieldKeys(KEY))
    sealed = kept(NAME, "Zebulina")
    use_field_keys(FieldKeys(None, (KEY,)))
    assert read(NAME, sealed) == "Zebulina"
    assert kept(NAME, "Zebulina") == "Zebulina", "nothing new is sealed"
    for keys in (None, FieldKeys(OTHER)):
        use_field_keys(keys)
        with pytest.raises(Unsealable, match=rf"A value of a\.name does not open\. .*{key_id(KEY)}"):
            read(NAME, sealed)


def test_a_value_of_one_column_does_not_open_in_another() -> None:
    use_field_keys(FieldKeys(KEY))
    with pytest.raises(Unsealable, match=r"b\.name"):
        read(SealedText("b.name", 20), kept(NAME, "Zebulina"))


@pytest.mark.parametrize("harm", ["rb1:", "rb1:0", "rb1:00000000:", "rb1:00000000:ü", "rb1:plai"])
def test_what_only_begins_like_a_sealed_value_is_refused(harm: str) -> None:
    use_field_keys(FieldKeys(KEY))
    with pytest.raises(Unsealable):
        read(NAME, harm)


@pytest.mark.parametrize(
    ("type_", "value", "said"),
    [
        (NAME, "x" * 21, r"a\.name holds 20 characters at most, not 21"),
        (ANSWERS, "a text", r"a\.answers holds objects and lists"),
        (PHOTO, b"\0rb1:x", r"a\.photo cannot hold bytes"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(type_: Sealed, value: Any, said: str) -> None:
    for keys in (None, FieldKeys(KEY)):
        use_field_keys(keys)
        with pytest.raises(ValueError, match=said):
            kept(type_, value)


def test_postgresql_has_room_for_what_is_sealed_and_sqlite_needs_none() -> None:
    assert str(NAME.compile(dialect=postgresql.dialect())) == "TEXT"
    assert str(NAME.compile(dialect=SQLITE)) == "VARCHAR(20)"


def test_each_value_is_bound_to_its_own_column() -> None:
    places = [
        (column.type.about, f"{table.name}.{column.name}")
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]
    assert len(places) > 60
    assert [about for about, place in places if about != place] == []


def test_the_document_names_every_column_as_it_is() -> None:
    told: dict[str, tuple[list[str], list[str]]] = {}
    for line in DOCUMENT.read_text().partition("## Every column")[2].splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and cells[1] in Base.metadata.tables:
            told[cells[1]] = re.findall(r"`(\w+)`", cells[2]), re.findall(r"`(\w+)`", cells[3])
    for name, table in Base.metadata.tables.items():
        sealed = [column.name for column in table.columns if isinstance(column.type, Sealed)]
        plain = [column.name for column in table.columns if not isinstance(column.type, Sealed)]
        assert told.get(name) == (sealed, plain), f"docs/sealed-fields.md does not say of {name} what it is"
