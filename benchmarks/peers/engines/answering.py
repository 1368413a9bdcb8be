"""What the programs have in common: read the facts from the file named, then answer lists of questions, a line each.

A line in is a JSON list of questions (person, equipment, process, day); a line out is `{"answers":[…],"ns":[…]}` with what
each took. The first line out is what the engine says of itself.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Question = list[Any]
Decide = Callable[[Question], bool]


def answer(version: str, make: Callable[[dict[str, Any]], Decide]) -> None:
    """Answer until there are no more questions."""
    said = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # some engines write to the standard output themselves
    decide = make(json.loads(Path(sys.argv[1]).read_text()))
    gc.collect()
    gc.freeze()  # the facts stay; nobody who serves from them would have them gone through again and again
    print(json.dumps({"version": version}), file=said, flush=True)
    for line in sys.stdin:
        answers, took = [], []
        for question in json.loads(line):
            began = time.perf_counter_ns()
            holds = decide(question)
            took.append(time.perf_counter_ns() - began)
            answers.append(holds)
        print(json.dumps({"answers": answers, "ns": took}), file=said, flush=True)
