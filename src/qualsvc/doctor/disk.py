"""The directories we write to: who may, and how much room is left."""

import os
import pwd
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from qualsvc.doctor.findings import Finding, ok, problem, several, warning
from qualsvc.doctor.refusals import OWN_DIRECTORY

MIB = 1024 * 1024
LEAST_FREE = 100 * MIB
LOW_FREE = 1024 * MIB
LARGE_SPOOL = 1024 * MIB


def disk_findings(places: Iterable[Path], *, least: int = LEAST_FREE, low: int = LOW_FREE) -> list[Finding]:
    """How many bytes are free where these directories are or will be, told once for each disk."""
    findings = []
    for place in {_nearest(place).stat().st_dev: place for place in reversed(list(places))}.values():
        there = os.statvfs(_nearest(place))
        free = there.f_bavail * there.f_frsize
        what = f"{_size(free)} free on the disk of `{place}`"
        do = "free space there, or move to a larger disk and set QUALSVC_DATA_DIR"
        if free < least:
            why = "an answer that cannot be put on record is not given (503 `audit_unavailable`), and the database stops too"
            findings.append(problem("disk", f"only {what}", why, do))
        elif free < low:
            why = f"below {_size(least)} answers and the database are in danger: both need room for every answer and change"
            findings.append(warning("disk", f"only {what}", why, do))
        else:
            findings.append(ok("disk", what))
    return findings


def data_dir_findings(data_dir: Path) -> list[Finding]:
    """Whether the data directory is there and takes files, or can be made."""
    if data_dir.exists():
        return list(_closed("data", data_dir)) or [ok("data", f"`{data_dir}` is ours to write to")]
    above = _nearest(data_dir)
    return list(_closed("data", above)) or [ok("data", f"`{data_dir}` is not there yet; the first start makes it")]


def spool_findings(spool: Path, *, large: int = LARGE_SPOOL) -> list[Finding]:
    """The folder of the decision log: whether it takes files, who owns and reads it, and how much waits in it."""
    if not spool.exists():
        return [ok("spool", "no answer has been put on record here yet")]
    closed = list(_closed("spool", spool))
    if closed:
        return closed
    owner = spool.stat().st_uid
    files = [(path, path.stat()) for path in sorted(spool.glob("*.spool"))]
    size = sum(there.st_size for _, there in files)
    told = f"{several(len(files), 'file')} of answers, {_size(size)}"
    findings = list(_foreign(spool, owner, [there.st_uid for _, there in files]))
    if stat.S_IMODE(spool.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        why = "the decision log is evidence: others than its owner may read it or change what is there"
        findings.append(warning("spool", f"`{spool}` is open to others", why, f"chmod 700 {spool}"))
    if size > large:
        why = f"{told} wait in `{spool}`; answers stay there until they are in the database"
        do = "keep them, they are the evidence: give the disk room"
        findings.append(warning("spool", f"{_size(size)} of answers are only here", why, do))
    return findings or [ok("spool", told)]


def _closed(check: str, place: Path) -> Iterator[Finding]:
    """Why no file can be made in the directory, found out without making one."""
    if not place.is_dir():
        yield problem(check, f"`{place}` is not a directory", "there is something else of that name", OWN_DIRECTORY)
    elif not os.access(place, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        what, owner = f"no file can be made in `{place}`", user_name(place.stat().st_uid)
        if os.statvfs(place).f_flag & os.ST_RDONLY:
            yield problem(check, what, "its disk is mounted read-only", "mount it to be written; see the system's log for why")
        else:
            do = f"run as {owner}, or set QUALSVC_DATA_DIR to a directory of your own"
            yield problem(
                check, what, f"it belongs to {owner}, you are {user_name(os.geteuid())}, and its mode does not let you", do
            )


def _foreign(spool: Path, owner: int, owners: list[int]) -> Iterator[Finding]:
    foreign = [each for each in owners if each != owner]
    if foreign:
        what = f"{several(len(foreign), 'file')} in `{spool}` {'are' if len(foreign) > 1 else 'is'} not {user_name(owner)}'s"
        why = f"the service once ran as {', '.join(sorted({user_name(each) for each in foreign}))}"
        do = f"chown -R {user_name(owner)} {spool}, and always start the service as {user_name(owner)}"
        yield warning("spool", what, why, do)


def _nearest(path: Path) -> Path:
    """The path itself or the first directory above it that exists."""
    return next(place for place in (path, *path.absolute().parents) if place.exists())


def user_name(uid: int) -> str:
    """The name of a user, or the number of one without an entry in the passwd file."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _size(number: int) -> str:
    for unit, bytes_ in (("GiB", 1024 * MIB), ("MiB", MIB)):
        if number >= bytes_:
            return f"{number / bytes_:.1f} {unit}"
    return f"{number:,} bytes"
