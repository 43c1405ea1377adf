"""How long the customer's page takes, beside a bare page of the same engine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import typst

from benchmarks.figures import Figure
from techkit import resources
from techkit.summary import document, pdf
from tests.summary import visits

#: Source: the issue's bar, 150 ms for one summary; the floor tells what the engine itself takes.
BAR_MS = 150.0
ROUNDS = 9


def _median_ms(work: Callable[[int], object]) -> float:
    times = []
    for number in range(ROUNDS):
        begun = time.perf_counter()
        work(number)
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def measure() -> Iterator[Figure]:
    """Yield the time of building and rendering one visit's page, each time with other content."""
    bundle = visits.slow_computer()
    fonts = [resources.path("fonts")]

    def bare(number: int) -> object:
        source = f"= Page {number}\n#lorem(200)".encode()
        return typst.compile(source, font_paths=fonts, ignore_system_fonts=True)  # type: ignore[misc]  # its stubs

    def page(number: int) -> object:
        doc = document.build(bundle, is_large=number % 2 == 1)
        return pdf.render(doc, pdf.Seal(caption=str(number)))

    pdf.render(document.build(bundle))
    floor = _median_ms(bare)
    value = _median_ms(page)
    yield Figure(name="summary", value=value, unit="ms", floor=floor, bar=BAR_MS, is_absolute=True)
