"""What a mutant is, and a copy of the product with one in it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "src" / "qualsvc"


@dataclass(frozen=True)
class Mutant:
    """One text of a module replaced by another. INVARIANT: `old` occurs exactly once in the module."""

    name: str
    """What it gets wrong."""
    module: str
    """The module's name in the kernel, or its path in the product."""
    old: str
    new: str

    def occurrences(self) -> int:
        """How often the old text occurs in the module as it is now."""
        return self._source().read_text(encoding="utf-8").count(self.old)

    def _source(self, product: Path = PRODUCT) -> Path:
        return product / f"{self.module if '/' in self.module else f'kernel/{self.module}'}.py"

    def planted(self, directory: Path) -> Path:
        """A copy of the product in the directory with this one mistake; the directory goes first on the path."""
        shutil.copytree(PRODUCT, directory / "qualsvc", ignore=shutil.ignore_patterns("__pycache__"))
        target = self._source(directory / "qualsvc")
        text = target.read_text(encoding="utf-8")
        target.write_text(text.replace(self.old, self.new), encoding="utf-8")
        return directory
