"""The Python that runs us and the packages it has. Needs the standard library only: it also tells why nothing else loads."""

import importlib
import platform
import re
from collections.abc import Iterator
from importlib import metadata

from qualsvc.doctor.findings import Finding, ok, problem, several

_US = "qualsvc"
_REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[([^]]*)])?\s*([^;]*)(?:;(.*))?")
_EXTRA = re.compile(r"""\s*extra\s*==\s*['"]([\w-]+)['"]\s*""")
_LEAST = re.compile(r">=\s*([\d.]+)")
_REINSTALL = 'install it anew: `pip install --force-reinstall "qualsvc[embedded]"`; in a clone remove .venv and run `make`'

Wanted = tuple[str, str, str]
"""A package, its extras, and the bounds on its version, as its dependant writes them."""


def installation() -> list[Finding]:
    """The Python and the packages: what is missing, too old or broken, else what there is."""
    here = f"{platform.python_implementation()} {platform.python_version()}"
    faults = []
    if platform.python_implementation() != "CPython":
        faults.append(
            problem(
                *("installation", f"this Python is {here}", "qualsvc is made for and tried with CPython only"),
                "install CPython 3.11, 3.12 or 3.13 and qualsvc into it",
            )
        )
    packages: dict[str, str] = {}
    try:
        faults += _missing(packages)
    except metadata.PackageNotFoundError:
        why = "it runs from a directory of sources, and its version and needs are not known"
        faults.append(problem("installation", "qualsvc is not installed", why, _REINSTALL))
    if faults:
        return faults
    zones = packages.get("tzdata", "?")
    return [ok("installation", f"{here}, {several(len(packages), 'package')} as required, time zones of tzdata {zones}")]


def _missing(packages: dict[str, str]) -> Iterator[Finding]:
    """What is wrong with the packages we need, and those they need; the good ones are added to `packages`."""
    direct = {_name(name) for name, _, _ in _wanted(_US, "")}
    waiting = list(_wanted(_US, ""))
    while waiting:
        name, extras, bounds = waiting.pop()
        name = _name(name)
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield problem("installation", f"the package `{name}` is not there", "qualsvc does not run without it", _REINSTALL)
            continue
        least = _LEAST.search(bounds)
        if least is not None and _release(version) < _release(least[1]):
            why = f"{least[1]} or newer is asked for"
            yield problem("installation", f"the package `{name}` is of version {version}", why, _REINSTALL)
        elif name not in packages and name in direct:
            yield from _broken(name)
        if name not in packages:
            packages[name] = version
            waiting += _wanted(name, extras)


def _broken(name: str) -> Iterator[Finding]:
    try:
        importlib.import_module(name.replace("-", "_"))
    except Exception as error:  # noqa: BLE001 -- whatever it dies of is what must be told
        why = f"{type(error).__name__}: {error}"
        yield problem("installation", f"the package `{name}` is broken", why, _REINSTALL)


def _wanted(name: str, extras: str) -> Iterator[Wanted]:
    """What a package needs, on any machine: what only some need by their markers is left to the installer."""
    chosen = {extra.strip() for extra in extras.split(",")}
    for line in metadata.requires(name) or ():
        found = _REQUIREMENT.match(line)
        assert found is not None, line
        package, of, bounds, marker = found.groups("")
        extra = _EXTRA.fullmatch(marker)
        if not marker or (extra is not None and extra[1] in chosen):
            yield package, of, bounds


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _release(version: str) -> list[int]:
    """The leading numbers of a version, without the zeros at the end: 1.0 is 1."""
    numbers = [int(part) for part in re.sub(r"[^\d.].*", "", version, flags=re.DOTALL).split(".") if part]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
