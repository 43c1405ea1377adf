"""Raw access to the other systems; written next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from techkit.errors import ProbeError


def __getattr__(name: str) -> Callable[..., Any]:
    def unread(*_arguments: object) -> Any:
        raise ProbeError("techkit cannot read this here yet.", reason="not_present")

    return unread
