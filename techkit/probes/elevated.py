"""The part that runs once with administrator rights: a fixed list of probes, one answer, then it ends.

Started by diagnostics.elevated through pkexec, sudo, Windows' consent prompt or macOS' password
prompt, always on an explicit click. It takes nothing but a language, ids of the fixed list and one disk's self-test
("self-test=short:sda"); it only reads, but for that test, which the drive does by itself, reading too. It ends itself
after LIMIT_S: the program that asked has no right to end it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from techkit import i18n
from techkit.errors import ProbeError
from techkit.probes import self_test, worker
from techkit.probes.probe import Access

#: The probes that see more as an administrator. Nothing else is ever run with these rights.
FIXED: Final = (
    "memory.modules",
    "operating_system.crashes",
    "operating_system.machine",
    "power.supplies",
    "security.accounts",
    "security.firewall",
    "security.protection",
    "storage.health",
    "usb_faults.since_start",
)

#: How long all of it may take. Nine probes of at most 8 s each; the slow ones are the drives.
LIMIT_S: Final = 60.0

#: The word that asks for a self-test: kind and disk follow.
SELF_TEST: Final = "self-test="


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the probes named, write one JSON list to standard output (on Windows to a new file)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    timer = threading.Timer(LIMIT_S, os._exit, (3,))
    timer.daemon = True
    timer.start()
    try:
        text = json.dumps(answers(given))
        folder = next((part.removeprefix("--into=") for part in given if part.startswith("--into=")), "")
        if folder:
            _write_into(Path(folder), text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
    finally:
        timer.cancel()
    return 0


def answers(arguments: Sequence[str]) -> list[dict[str, Any]]:
    """Return one answer per known probe: its id, and what the worker says of it."""
    language = next((part for part in arguments if part in i18n.LANGUAGES), "en")
    found: list[dict[str, Any]] = []
    asked = next((part for part in arguments if part.startswith(SELF_TEST)), "")
    if asked:
        kind, _colon, disk = asked.removeprefix(SELF_TEST).partition(":")
        i18n.set_language(language)
        found.append({"self_test": disk} | _started(kind, disk))
    for id in FIXED:
        if id in arguments:
            module = f"{__package__}.{id.partition('.')[0]}"
            found.append(
                {"probe": id, **worker.answer({"module": module, "probe": id, "language": language})}
            )
    return found


def _started(kind: str, disk: str) -> dict[str, Any]:
    try:
        self_test.start(Access(), kind, disk)
    except ProbeError as error:
        return {"state": str(error.reason), "reason_text": error.title}
    return {"state": "ok"}


def _write_into(folder: Path, text: str) -> None:
    """Write the answer into a folder that did not exist, so that nobody could prepare it.

    Raises: FileExistsError when it is there already.
    """
    folder.mkdir()
    (folder / "answer.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
