"""Values: small objects that nobody changes once they are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def value(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]:
    """A slotted dataclass whose fields the type checker keeps from being set.

    Frozen at run time too it would take several times as long to make; of some, a start makes a million and an ask dozens.
    """
    return dataclass(slots=True, unsafe_hash=True, kw_only=kw_only)
