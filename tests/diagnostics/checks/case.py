"""What a case of a check is: invented readings, and the verdict they lead to."""

from __future__ import annotations

from typing import Any

from techkit.records.findings import Verdict

OK, WATCH, ACT, NA, UNKNOWN = (
    Verdict.OK,
    Verdict.WATCH,
    Verdict.ACT,
    Verdict.NOT_APPLICABLE,
    Verdict.UNKNOWN,
)
GB = 10**9

#: check → its cases: the verdict expected, and the readings as {reading id or "id@subject": value}.
Cases = dict[str, list[tuple[Verdict, dict[str, Any]]]]
