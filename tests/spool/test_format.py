"""The spool file as bytes: what is whole is read, and nothing else ever is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualsvc.spool.format import MAGIC, Entry, frame, read_entries

BOOT = b"abcdefghij234567"
PAYLOADS = (b'{"version":"0.1.0"}', b"", b"answer one", b"\x00" * 40, "四号".encode())


def spooled(path: Path, payloads: tuple[bytes, ...] | list[bytes]) -> Path:
    path.write_bytes(MAGIC + b"".join(frame(BOOT, sequence, payload) for sequence, payload in enumerate(payloads)))
    return path


def entries(payloads: tuple[bytes, ...] | list[bytes]) -> list[Entry]:
    return [Entry(BOOT.decode(), sequence, payload) for sequence, payload in enumerate(payloads)]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spool") / "some.spool"


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_round_trip(file: Path, payloads: list[bytes]) -> None:
    """What was framed is read back, in order, whatever its bytes."""
    assert entries(payloads) == list(read_entries(spooled(file, payloads)))


def test_torn_at_every_byte(file: Path) -> None:
    """A file that ends anywhere gives the records that are whole, and says nothing about the rest."""
    whole = spooled(file, PAYLOADS).read_bytes()
    ends = [len(MAGIC)]
    for sequence, payload in enumerate(PAYLOADS):
        ends.append(ends[-1] + len(frame(BOOT, sequence, payload)))
    for length in range(len(whole) + 1):
        file.write_bytes(whole[:length])
        complete = sum(end <= length for end in ends[1:])
        assert entries(PAYLOADS)[:complete] == list(read_entries(file))


def test_damaged_at_every_byte(file: Path) -> None:
    """One damaged byte anywhere stops the reading at the record before; a record is never read changed."""
    whole = spooled(file, PAYLOADS).read_bytes()
    ends = [len(MAGIC)]
    for sequence, payload in enumerate(PAYLOADS):
        ends.append(ends[-1] + len(frame(BOOT, sequence, payload)))
    for place in range(len(whole)):
        for flipped in (0x01, 0x80, 0xFF):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ flipped]) + whole[place + 1 :])
            untouched = sum(end <= place for end in ends[1:]) if place >= len(MAGIC) else 0
            assert entries(PAYLOADS)[:untouched] == list(read_entries(file))


@pytest.mark.parametrize("sequences", [(1,), (0, 2), (0, 0), (0, 1, 1), (0, 1, 3)])
def test_sequences_are_dense(file: Path, sequences: tuple[int, ...]) -> None:
    """Sequences count from 0 without a gap; what does not follow on is not read."""
    file.write_bytes(MAGIC + b"".join(frame(BOOT, sequence, b"x") for sequence in sequences))
    dense = next((n for n, sequence in enumerate(sequences) if n != sequence), len(sequences))
    assert list(range(dense)) == [entry.sequence for entry in read_entries(file)]


@pytest.mark.parametrize("tail", [b"\x00" * 4096, b"\xff" * 4096, b"qualsvc-spool-1\n"])
def test_what_a_probe_or_a_power_loss_leaves(file: Path, tail: bytes) -> None:
    """Zeros or rubbish after the last record are no records."""
    file.write_bytes(spooled(file, PAYLOADS).read_bytes() + tail)
    assert entries(PAYLOADS) == list(read_entries(file))


@pytest.mark.parametrize("content", [b"", b"q", b"another file\n" * 9, MAGIC[:-1] + b"\r"])
def test_no_spool(file: Path, content: bytes) -> None:
    """What does not begin as a spool holds no records."""
    file.write_bytes(content)
    assert [] == list(read_entries(file))
