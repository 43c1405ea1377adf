"""The demo plays the whole job, and commands read what it left behind."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader

from techkit import demo
from techkit.commands.exit_codes import COULD_NOT_RUN
from techkit.commands.own_store import PASSPHRASE_VARIABLE
from tests.script import run


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Play the demo once; return its folder and what it printed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    done = run("demo", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_the_demo_plays_the_whole_job(played: tuple[Path, str]) -> None:
    """Drafts, proof, signature, sync, question and approval all happen; the page is there."""
    out, told = played
    for words in (
        "TillBook upgraded from 4.9 to 4.10",
        "Toolbar Helper 1.2 removed",
        "Browsewell upgraded from 143.0 to 143.1 (self_update)",
        "the signature is bound to this content",
        "the question reached the device: Which photos were moved?",
        "review state on the device: approved",
    ):
        assert words in told
    [page] = out.glob("*.pdf")
    text = PdfReader(io.BytesIO(page.read_bytes())).pages[0].extract_text().replace("\u00a0", " ")
    assert "Signed by Odette Varga" in " ".join(text.split())
    assert len(list(out.glob("*.png"))) == len(PdfReader(page).pages)


def test_a_second_demo_never_writes_over_the_first(played: tuple[Path, str]) -> None:
    """The folder is refused with a sentence, and nothing in it changes."""
    out, _told = played
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    done = run("demo", "--out", str(out))
    assert done.returncode == COULD_NOT_RUN
    assert "Name another folder." in done.stderr
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()} == before


def test_visits_are_listed_shown_and_printed_again(played: tuple[Path, str], tmp_path: Path) -> None:
    """The list names the visit; its page printed again has the bytes of the signed one."""
    out, _told = played
    where = ("--folder", str(out / "device"))
    secret = {PASSPHRASE_VARIABLE: demo.PASSPHRASE}
    [row] = json.loads(run(*where, "visit", "--json", **secret).stdout)
    assert (row["customer"], row["review_state"]) == ("Thistledown Books", "approved")
    shown = json.loads(run(*where, "visit", row["number"], "--json", **secret).stdout)
    assert shown["page"]["number"] == row["number"]
    again = tmp_path / "again.pdf"
    run(*where, "visit", row["number"], "--pdf", str(again), **secret)
    [page] = out.glob("*.pdf")
    assert again.read_bytes() == page.read_bytes()


def test_a_wrong_passphrase_opens_nothing(played: tuple[Path, str]) -> None:
    """One sentence, no traceback, exit code 2."""
    out, _told = played
    done = run("--folder", str(out / "device"), "visit", **{PASSPHRASE_VARIABLE: "not it at all"})
    assert done.returncode == COULD_NOT_RUN
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
