"""Sync as a command: not enrolled, enrolled, by file, with a new key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit import demo
from techkit.commands import sync
from techkit.commands.exit_codes import COULD_NOT_RUN
from techkit.commands.own_store import PASSPHRASE_VARIABLE
from techkit.credentials import keys
from techkit.store.database import Store
from techkit.sync.progress import SyncResult
from tests.script import run


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

    office, folder = tmp_path / "office", tmp_path / "device"
    folder.mkdir()
    key, _code = keys.create_vault(folder, demo.PASSPHRASE)
    store = Store.create(folder, key, prefix="TK07", technician="Ines Okafor")
    store.save(Customer(id=new_id(), display_name="Quarrystone"))
    store.attach(b"a photo", "image/jpeg")
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
        assert (last["result"]["files_sent"], last["result"]["files_waiting"]) == (1, 0)
        assert (last["result"]["clock_offset_s"], last["result"]["notices"]) == (0, [])
        assert run(*where, "--new-key", **secret).returncode == 0
        package = tmp_path / "out.techkit-package"
        assert run(*where, "--write", str(package), **secret).returncode == 0
        answer = tmp_path / "back.techkit-answer"
        answer.write_bytes(packages.answer(package.read_bytes()))
        assert run(*where, "--take", str(answer), **secret).returncode == 0
        wrong = run(*where, "--take", str(tmp_path / "nothing"), **secret)
        assert wrong.returncode == 2
        assert "could not be read" in wrong.stderr


def test_what_is_to_be_known_about_a_sync_stands_below_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that went and that wait, what the service left out, a clock that is wrong; in JSON as well."""
    store = Store.create(tmp_path, bytes(32), prefix="TK07")
    store.attach(b"a photo", "image/jpeg")
    result = SyncResult(sent_count=3, files_sent=2, notices=("A notice.",), clock_offset_ms=3 * 86_400_000)
    assert sync._tell(result, store, is_json=False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 changes sent, 0 received, 0 waiting, 0 refused, 0 to decide.",
        "Files sent: 2, waiting: 1.",
        "A notice.",
        "The clock of this computer is wrong: 3 days ahead.",
    ]
    assert sync._tell(SyncResult(), store, is_json=True) == 0
    assert json.loads(capsys.readouterr().out)["result"]["files_waiting"] == 1
    store.close()
