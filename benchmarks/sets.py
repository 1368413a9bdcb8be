"""Sets of persons in process: everyone's states for one pair, and for one process on all machines."""

import gc
import time
from collections.abc import Callable

from benchmarks.figures import Spread
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.moment import Moment, crowd_matrix, crowd_states
from qualsvc.kernel.snapshot import Snapshot


def milliseconds(ask: Callable[[], object], rounds: int = 15) -> Spread:
    """Of processor time, by round."""
    taken = []
    for _ in range(rounds):
        began = time.process_time_ns()
        ask()
        taken.append((time.process_time_ns() - began) / 1e6)
    return Spread.of(taken)


def measure(snapshot: Snapshot, instant: int) -> dict[str, Spread]:
    """Milliseconds, from the certificates on, nothing remembered; and for a crowd that was judged at another instant before.

    The process is the one that is open to most, over all machines; the pair is the machine on which it is open to most.
    """
    crowd = Crowd(snapshot)
    before = Moment(crowd, instant - 1)
    matrices = {process: before.matrix(process) for process in snapshot.processes}
    process = max(matrices, key=lambda code: sum(states.both.bit_count() for states in matrices[code].values()))
    equipment = max(matrices[process], key=lambda code: matrices[process][code].both.bit_count())
    gc.collect()
    gc.freeze()  # as in a service that has loaded its facts
    measured = {
        "pair": milliseconds(lambda: crowd_states(snapshot, equipment, process, instant)),
        "matrix": milliseconds(lambda: crowd_matrix(snapshot, process, instant)),
        "matrix_of_all": milliseconds(lambda: Moment(Crowd(snapshot), instant).matrix(process)),
        "pair_again": milliseconds(lambda: Moment(crowd, instant).states(equipment, process)),
        "matrix_again": milliseconds(lambda: Moment(crowd, instant).matrix(process)),
    }
    gc.unfreeze()
    return measured
