"""The log: nothing personal in it, one line a message, never larger than its limit."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from techkit import logs


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Start a log in a folder; give its file."""
    level = logging.getLogger().level
    handler = logs.start(tmp_path)
    yield tmp_path / logs.FILE_NAME
    logs.stop(handler)
    logging.getLogger().setLevel(level)


@pytest.mark.parametrize(
    "secret",
    [
        "mara.beispiel@example.org",
        "/home/mara/Bilder",
        "C:\\Users\\Mara\\Bilder",
        "PN7E-NQLN-XG52-7KKI-DEWV-3WX7-T7CG-WLXG",
        "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
        "aGVsbG8gdGhpcyBpcyBhIGxvbmcgYmFzZTY0IHRva2VuIHdpdGggc2VjcmV0cw==",
        "00:1a:2b:3c:4d:5e",
        "192.168.178.23",
        "fe80:0:0:0:1ff:fe23:4567:890a",
        "+49 431 5550 1234",
        "https://mara:geheim@proxy.example:3128",
        "passphrase: drei-worte",
    ],
)
def test_personal_things_are_taken_out(log: Path, secret: str) -> None:
    """An address, a home folder, a code, a key, a number: none of it reaches the file."""
    logging.getLogger("techkit.test").info("Could not read %s today", secret)
    text = log.read_text(encoding="utf-8")
    assert secret not in text
    for part in ("mara", "Mara", "geheim", "drei-worte", "5550"):
        assert part not in text
    assert "today" in text


def test_plain_words_stay(log: Path) -> None:
    """Kinds, ids, versions and times are what a log is for; they stay."""
    logging.getLogger("techkit.test").info(
        "sync done: 12 changes, visit 01a1fff5-20cd-76c1-99f9-18a7617a25f6, 6.11.3"
    )
    assert "12 changes, visit 01a1fff5-20cd-76c1-99f9-18a7617a25f6, 6.11.3" in log.read_text()


def test_hostile_text_is_one_line(log: Path) -> None:
    """Line ends and terminal codes in a message do not make lines of their own."""
    logging.getLogger("techkit.test").info(
        "name: %s", "a\n2026-01-01 ERROR forged\x1b[31m\r\x00" + "x" * 100_000
    )
    lines = log.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    assert "\x1b" not in lines[0]
    assert len(lines[0]) < 4200


def test_traceback_is_redacted(log: Path) -> None:
    """A foreign error's text in a traceback is redacted too."""
    try:
        raise ValueError("no such user mara.beispiel@example.org")
    except ValueError:
        logging.getLogger("techkit.test").info("failed", exc_info=True)
    text = log.read_text(encoding="utf-8")
    assert "ValueError" in text
    assert "example.org" not in text


def test_log_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files at most are kept, each of its size at most."""
    assert 3 * logs.FILE_BYTES <= 3 * 2**20
    monkeypatch.setattr(logs, "FILE_BYTES", 50_000)
    level = logging.getLogger().level
    handler = logs.start(tmp_path)
    for _n in range(75):
        logging.getLogger("techkit.test").info("word " * 700)
    logs.stop(handler)
    logging.getLogger().setLevel(level)
    sizes = [file.stat().st_size for file in tmp_path.glob("techkit.log*")]
    assert len(sizes) == 3
    assert all(size <= logs.FILE_BYTES for size in sizes)


def test_unwritable_folder_gives_no_log(tmp_path: Path) -> None:
    """Without a place to write techkit runs without a log."""
    assert logs.start(tmp_path / "gone") is None
