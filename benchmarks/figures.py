"""A measured figure, its floor and its bar; how often to measure and what to keep."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measurement.

    value and floor are in `unit`; floor is what the machine needs for the bare thing, measured in the same run, or
    None where there is none. bar limits ratio (value / floor) where there is a floor, else value; is_absolute: the bar
    limits the value itself, and the floor stands beside it for comparison.
    """

    name: str
    value: float
    unit: str
    bar: float
    floor: float | None = None
    is_absolute: bool = False

    @property
    def ratio(self) -> float | None:
        """Return value / floor; None without a floor."""
        return self.value / self.floor if self.floor else None

    @property
    def holds(self) -> bool:
        """Return whether the figure is within its bar."""
        measured = self.value if self.floor is None or self.is_absolute else self.ratio
        return measured is not None and measured <= self.bar

    def document(self) -> dict[str, object]:
        """Return the figure as `./dev bench --json` gives it."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "floor": None if self.floor is None else round(self.floor, 3),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "bar": self.bar,
            "holds": self.holds,
        }


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes once, in ms of wall time."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def medians(
    value: Callable[[], object], floor: Callable[[], object], rounds: int = 15
) -> tuple[float, float]:
    """Return the median ms of both, taken in turn so that a busy moment of the machine hits both."""
    pairs = [(milliseconds(value), milliseconds(floor)) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
