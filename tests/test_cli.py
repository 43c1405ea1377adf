"""The commands as a script meets them: output, JSON, exit codes, clear words when something is wrong."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from techkit import demo
from techkit.commands.exit_codes import COULD_NOT_RUN
from techkit.commands.own_store import PASSPHRASE_VARIABLE
from techkit.credentials import keys
from techkit.records.findings import Reason, Verdict
from techkit.version import VERSION

#: Longest any one command may take here before the test says it hangs.
PATIENCE_S = 120


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own, as a script does."""
    return subprocess.run(
        [sys.executable, "-m", "techkit", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Play the demo once; return its folder and what it printed."""
    out = tmp_path_factory.mktemp("demo") / "out"
    done = run("demo", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_check_gives_scripts_one_json_object() -> None:
    """Every key of the stable interface is there, with values of its vocabulary."""
    done = run("check", "--json")
    told = json.loads(done.stdout)
    assert set(told) >= {
        "techkit", "computer", "plan", "started_at", "ended_at", "readings", "findings",
    }  # fmt: skip
    assert (told["techkit"], told["plan"]) == (VERSION, "quick")
    for reading in told["readings"]:
        assert {"id", "value", "unit", "subject", "source"} <= reading.keys()
    for finding in told["findings"]:
        assert {
            "check", "subject", "verdict", "value", "unit", "reason", "sentence",
            "customer_sentence", "source",
        } <= finding.keys()  # fmt: skip
        assert finding["verdict"] in set(Verdict)
        if finding["verdict"] == Verdict.UNKNOWN:
            assert finding["reason"] in set(Reason)
            assert finding["reason_text"]
    is_all_good = all(f["verdict"] in ("ok", "not_applicable") for f in told["findings"])
    assert done.returncode == (0 if is_all_good else 1)


def test_at_least_25_true_verdicts_on_a_bare_machine() -> None:
    """Good, watch and act come from this very machine; each names value and source."""
    told = json.loads(run("check", "--json").stdout)
    judged = [f for f in told["findings"] if f["verdict"] in ("ok", "watch", "act")]
    assert len({f["check"] for f in judged if f["value"] is not None}) >= 25
    assert all(f["source"] for f in judged)


def test_the_sheet_tells_each_verdict_by_shape_and_word() -> None:
    """Without colour nothing is lost: no escape codes in a pipe, words and shapes instead."""
    done = run("check", "--complaint", "slow")
    assert "\x1b[" not in done.stdout
    assert "What explains the complaint" in done.stdout
    assert "✓ Good" in done.stdout


def test_a_self_test_is_started_only_with_consent() -> None:
    """Where nobody can be asked nothing is started; the sentence says what to do."""
    done = run("check", "--self-test", "sda")
    assert done.returncode == 2
    assert "nobody could be asked" in done.stderr
    assert "--yes" in done.stderr


def test_a_self_test_of_no_disk_says_so() -> None:
    """A disk that is not there is named as such for scripts too; where rights are asked for, that is said."""
    done = run("check", "--self-test", "/dev/no_such_disk", "--yes", "--json")
    assert done.returncode == 2
    if os.geteuid() == 0:
        assert json.loads(done.stdout)["self_test"] == {
            "disk": "no_such_disk", "kind": "short", "state": "not_present",
            "reason_text": "There is no such disk in this computer.",
        }  # fmt: skip
    else:
        assert "administrator" in done.stderr.casefold()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("typed", "told"), [("no", "Nothing was started."), ("yes", "")])
def test_the_customer_is_asked_on_the_terminal(typed: str, told: str) -> None:
    """The question names the disk and how long it is kept busy; anything but a yes starts nothing."""
    try:
        ours, theirs = os.openpty()
    except OSError as error:
        pytest.skip(f"no terminal to ask on: {error}")
    os.write(ours, f"{typed}\n".encode())
    done = subprocess.run(
        [sys.executable, "-m", "techkit", "--language", "en", "check", "--self-test", "no_such_disk", "--kind", "long"],
        stdin=theirs, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 2
    assert "long self-test of no_such_disk" in done.stderr
    assert "some hours" in done.stderr
    assert told in done.stderr
    # Only a yes goes as far as asking for the disk, or for the rights.
    assert ("Nothing was started." in done.stderr) is (typed == "no")


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


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    """Where nothing is kept yet the command says so and names the way on."""
    done = run("--folder", str(tmp_path), "visit")
    assert done.returncode == COULD_NOT_RUN
    assert "Nothing is kept in" in done.stderr
    assert not keys.has_vault(tmp_path)


def test_the_sync_of_a_device_that_was_never_enrolled_says_so(tmp_path: Path) -> None:
    """An unenrolled device keeps everything and names the way to the office."""
    folder = tmp_path / "device"
    demo._new_store(folder).close()
    done = run("--folder", str(folder), "sync", **{PASSPHRASE_VARIABLE: demo.PASSPHRASE})
    assert done.returncode == COULD_NOT_RUN
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_sync_by_command_tells_its_steps_and_goes_by_file(tmp_path: Path) -> None:
    """Enrol, sync with a line of JSON a step, a package out, its answer and a new key in."""
    from techkit.central import server
    from techkit.records.identity import new_id
    from techkit.records.parties import Customer
    from techkit.store.database import Store

    office, folder = tmp_path / "office", tmp_path / "device"
    folder.mkdir()
    key, _code = keys.create_vault(folder, demo.PASSPHRASE)
    store = Store.create(folder, key, prefix="TK07", technician="Ines Okafor")
    store.save(Customer(id=new_id(), display_name="Quarrystone"))
    store.close()
    secret = {PASSPHRASE_VARIABLE: demo.PASSPHRASE}
    where = ("--folder", str(folder), "sync")
    with server.running(office) as service:
        # Django's tables can be named once the service knows where they are.
        from techkit.central import accounts, packages
        from techkit.central.invitations import invitation
        from techkit.central.models import User

        user = User.objects.get(username="admin")
        line = invitation(service.url, accounts.new_enrol_code(user, user)[0])
        done = run(*where, "--enrol", line, "--json", **secret)
        assert done.returncode == 0, done.stderr
        *steps, last = [json.loads(text) for text in done.stdout.splitlines()]
        assert steps[-1]["progress"]["share"] == 1.0
        assert (last["result"]["sent"], last["result"]["waiting"]) == (1, 0)
        assert run(*where, "--new-key", **secret).returncode == 0
        package = tmp_path / "out.techkit-package"
        assert run(*where, "--write", str(package), **secret).returncode == 0
        answer = tmp_path / "back.techkit-answer"
        answer.write_bytes(packages.answer(package.read_bytes()))
        assert run(*where, "--take", str(answer), **secret).returncode == 0
        wrong = run(*where, "--take", str(tmp_path / "nothing"), **secret)
        assert wrong.returncode == 2
        assert "could not be read" in wrong.stderr


def test_unknown_words_end_with_two_and_help_has_examples() -> None:
    """Scripts can tell a wrong call from a bad result; people see how it goes."""
    assert run("chekc").returncode == COULD_NOT_RUN
    for command in ("check", "visit", "sync", "serve", "export", "demo", "selftest"):
        told = run(command, "--help")
        assert told.returncode == 0
        assert "examples:" in told.stdout


def test_the_selftest_holds_here() -> None:
    """This copy of techkit finds all its parts."""
    done = run("selftest", "--json")
    assert [step for step in json.loads(done.stdout) if not step["holds"]] == []
    assert done.returncode == 0
