"""Bad inputs stand on the stage of the stories: its devices, its office, its Django."""

from __future__ import annotations

from tests.scenarios import conftest as stage

__all__ = ["stage"]
