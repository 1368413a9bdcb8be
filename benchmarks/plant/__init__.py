"""A plant made from a seed, of any size: what every contestant is given, and what it is asked.

`plant(...)` is a recipe: the same arguments give the same records, and a person's records do not depend on how many others
there are. Nothing begins or ends within two days of its `day`, so that all contestants of one run give one answer.
"""

from benchmarks.plant.asked import Asked, questions
from benchmarks.plant.recipe import Plant, plant

__all__ = ["Asked", "Plant", "plant", "questions"]
