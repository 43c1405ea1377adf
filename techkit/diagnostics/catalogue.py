"""The checks there are: each file in techkit/diagnostics/checks/ that holds a CHECK."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any

from techkit.diagnostics import checks as folder
from techkit.diagnostics.check import Check
from techkit.probes import probe as probe_room
from techkit.probes.probe import Probe
from techkit.records.findings import Area


@functools.lru_cache(maxsize=1)
def checks() -> tuple[Check[Any], ...]:
    """Return all checks, ordered by area and id.

    Raises: ImportError, AttributeError or ValueError when a file holds no CHECK or an id stands twice
    (faults of techkit).
    """
    areas = list(Area)
    found: dict[str, Check[Any]] = {}
    for module in pkgutil.iter_modules(folder.__path__):
        check = importlib.import_module(f"{folder.__name__}.{module.name}").CHECK
        if not isinstance(check, Check) or check.id != module.name or check.id in found:
            raise ValueError(f"checks/{module.name}.py must hold one CHECK of the same id")
        found[check.id] = check
    return tuple(sorted(found.values(), key=lambda check: (areas.index(check.area), check.id)))


@functools.lru_cache(maxsize=1)
def probes() -> tuple[Probe, ...]:
    """Return all declared probes of techkit.probes, ordered by id; also those no check asks yet."""
    package = importlib.import_module(probe_room.__name__.rpartition(".")[0])
    found: dict[str, Probe] = {}
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            room = importlib.import_module(f"{package.__name__}.{module.name}")
            # Only what the module itself declares; rooms of raw access have none.
            found |= {probe.id: probe for probe in vars(room).get("PROBES", ())}
    return tuple(found[id] for id in sorted(found))


def by_id(id: str) -> Check[Any] | None:
    """Return one check, None for an id that is not (or no longer) there."""
    return next((check for check in checks() if check.id == id), None)
