"""Who takes part: ours, and every module of `benchmarks/peers`."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator

from benchmarks import peers as package
from benchmarks.contestant import Contestant


def peers() -> Iterator[Contestant]:
    """Those of all modules there, in the order of their names."""
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_")):
        yield from getattr(importlib.import_module(f"{package.__name__}.{name}"), "CONTESTANTS", ())


def present(contestants: Iterable[Contestant]) -> tuple[list[Contestant], list[str]]:
    """Those that can take part here, and a sentence for each that cannot."""
    there, sentences = [], []
    for one in contestants:
        why = one.missing()
        if why is None:
            there.append(one)
        else:
            sentences.append(f"{one.name} was left out: {why}")
    return there, sentences
