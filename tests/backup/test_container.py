import stat
from pathlib import Path

import pytest

from tradewatch.processes.backup import container
from tradewatch.processes.backup.container import Reading, Writing, pack, packed_rows, rows_of
from tradewatch.processes.backup.dumping import blocks
from tradewatch.processes.backup.faults import BackupFault, Damaged

ROWS = [(1, "one", b"\x00" * 5000), (2, None, b""), (3, 0.5, b"three")]


def write(path: Path) -> Path:
    with Writing(path) as file:
        file.record({"made_by": "test"})
        file.record({"table": "some"})
        file.rows([pack(row) for row in ROWS])
        file.record({"last": True})
        file.finish()
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "one")
    with Reading(path) as file:
        assert file.header == {"made_by": "test"}
        begin, rows = list(file.records())
    assert begin == {"table": "some"}
    assert isinstance(rows, bytes)
    assert rows_of(rows) == [list(row) for row in ROWS]
    assert packed_rows(rows) == b"".join(pack(row) for row in ROWS)


def test_the_file_is_its_owners_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path / "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["one"]


def test_each_flipped_byte_is_found(tmp_path: Path) -> None:
    whole = write(tmp_path / "one").read_bytes()
    other = tmp_path / "other"
    for at in range(len(whole)):
        other.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Damaged):
            Reading(other)


def test_each_length_that_is_cut_off_is_found(tmp_path: Path) -> None:
    whole = write(tmp_path / "one").read_bytes()
    other = tmp_path / "other"
    for length in range(len(whole)):
        other.write_bytes(whole[:length])
        with pytest.raises(Damaged):
            Reading(other)


def test_a_file_that_exists_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("mine")
    with pytest.raises(BackupFault, match="exists already"):
        write(tmp_path / "one")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("one", "mine")]


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Writing(tmp_path / "one") as file:
        file.record({"made_by": "test"})
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_meanwhile_ends_the_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_LOOK_EACH_BYTES", 30)
    monkeypatch.setattr(container, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(BackupFault, match="nearly full"):
        write(tmp_path / "one")
    assert list(tmp_path.iterdir()) == []


def test_rows_are_held_in_blocks_of_a_mib() -> None:
    large, small = b"x" * (3 << 20), b"x"
    assert [len(block) for block in blocks([small, large, large, *[small] * 2001])] == [2, 1, 2000, 1]
