"""An archive that is altered, cut short or made by somebody else is refused, and nothing is touched."""

import io
import tarfile
from pathlib import Path
from random import Random

import polars as pl
import pytest

from whale_assets.errors import StoreError
from whale_assets.io.stores import Stores
from whale_assets_tests.backups.made import held, restored
from whale_assets_tests.backups.tars import remade, retold

SEED = 11
FLIPS, CUTS = 120, 40


def assert_refused(archive: Path, stores: Stores, says: str) -> None:
    """Nothing of it came into the stores."""
    before, lake = held(stores), list(stores.lake.root.rglob("*"))
    with pytest.raises(StoreError, match=rf"^{archive.name} .*{says}"):
        restored(archive, stores, replace=True)
    assert (held(stores), list(stores.lake.root.rglob("*"))) == (before, lake)


def test_a_flipped_bit_is_noticed_unless_it_means_nothing(full: Stores, empty: Stores, archive: Path) -> None:
    due, sound, chance = held(full), archive.read_bytes(), Random(SEED)
    refused = 0
    for _ in range(FLIPS):
        altered = bytearray(sound)
        altered[chance.randrange(len(altered))] ^= 1 << chance.randrange(8)
        archive.write_bytes(altered)
        try:
            assert restored(archive, empty, replace=True) == due
        except StoreError:
            refused += 1
    assert refused > FLIPS / 3


def test_a_flipped_bit_of_any_member_is_told_with_its_name(empty: Stores, archive: Path) -> None:
    chance = Random(SEED)
    sound = archive.read_bytes()
    with tarfile.open(archive) as tar:
        places = [(member.name, member.offset_data + chance.randrange(member.size)) for member in tar]
    for name, place in places:
        archive.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << chance.randrange(8)]) + sound[place + 1 :])
        assert_refused(archive, empty, f"altered: .*{name if name != 'SHA256SUMS' else ''}")


def test_what_was_cut_short_is_refused(full: Stores, empty: Stores, archive: Path) -> None:
    due, sound, chance = held(full), archive.read_bytes(), Random(SEED)
    ends = sound.rstrip(b"\0")
    for length in [0, 1, 512, len(ends) - 1, *(chance.randrange(len(ends)) for _ in range(CUTS))]:
        archive.write_bytes(sound[:length])
        assert_refused(archive, empty, "")
    archive.write_bytes(sound[: len(ends) + 512])
    assert restored(archive, empty) == due


@pytest.mark.parametrize("content", [b"", b"whales", b"PK\3\4" + 2000 * b"x", 20_000 * b"\0"])
def test_what_is_no_archive_is_refused(empty: Stores, archive: Path, content: bytes) -> None:
    archive.write_bytes(content)
    assert_refused(archive, empty, "is not usable as a backup: ")


@pytest.mark.parametrize("name", ["../../whale.parquet", "/tmp/000001.parquet", "blocks/x.parquet", "blocks"])
def test_a_member_of_another_name_is_refused(empty: Stores, archive: Path, name: str) -> None:
    assert_refused(remade(archive, {name: b"x"}), empty, "belongs to no backup")


@pytest.mark.parametrize(
    "type_", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_a_member_that_is_no_file_is_refused(empty: Stores, archive: Path, type_: bytes) -> None:
    member = tarfile.TarInfo("blocks/000099.parquet")
    member.type, member.linkname = type_, "blocks/000001.parquet"
    assert_refused(remade(archive, {}, member), empty, "is no plain file")


def test_a_member_that_is_there_twice_is_refused(empty: Stores, archive: Path) -> None:
    assert_refused(remade(archive, {}, tarfile.TarInfo("blocks/000001.parquet")), empty, "two files of one name")


@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS"])
def test_an_archive_without_what_proves_it_is_refused(empty: Stores, archive: Path, name: str) -> None:
    assert_refused(remade(archive, {name: None}), empty, "cut short or altered")


def test_an_archive_without_some_rows_is_refused(empty: Stores, archive: Path) -> None:
    remade(archive, {"blocks/000002.parquet": None})
    with pytest.raises(StoreError, match="blocks came to 17 rows, the backup has 30"):
        restored(archive, empty)
    assert not any(held(empty).values())


def test_a_part_that_is_no_parquet_is_refused(empty: Stores, archive: Path) -> None:
    remade(archive, {"blocks/000002.parquet": b"PAR1 no PAR1"})
    with pytest.raises(StoreError, match=f"^{archive.name} is not usable as a backup: "):
        restored(archive, empty)
    assert not any(held(empty).values())


def test_a_part_with_other_columns_is_refused(empty: Stores, archive: Path) -> None:
    other = io.BytesIO()
    pl.DataFrame({"number": ["1"]}).write_parquet(other)
    remade(archive, {"blocks/000002.parquet": other.getvalue()})
    with pytest.raises(StoreError, match="other columns of blocks"):
        restored(archive, empty)
    assert not any(held(empty).values())


def test_an_archive_of_another_format_names_both(empty: Stores, archive: Path) -> None:
    assert_refused(retold(archive, format=2), empty, "is of format 2, this program's is 1")


def test_an_archive_of_another_revision_names_both(empty: Stores, archive: Path) -> None:
    assert_refused(retold(archive, revision="0000"), empty, "of revision 0000.*: restore it with the version")


@pytest.mark.parametrize(
    "changes",
    [
        {"chain_id": "1"},
        {"rows": {"blocks": -1}},
        {"made": "../../x"},
        {"lake": {"../../etc/passwd": 1}},
        {"lake": {"logs/../000000000-000000009.0x" + 64 * "a" + ".parquet": 1}},
        {"lake": {"logs/000000000-000000009.0x" + 64 * "a" + ".parquet\n": 1}},
        {"password": "x"},
    ],
)
def test_a_manifest_that_says_something_else_is_refused(
    empty: Stores, archive: Path, changes: dict[str, object]
) -> None:
    assert_refused(retold(archive, **changes), empty, "cannot be understood")


def test_a_manifest_of_other_tables_is_refused(empty: Stores, archive: Path) -> None:
    assert_refused(retold(archive, rows={"blocks": 30}), empty, "does not hold exactly the tables")
