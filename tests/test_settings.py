"""Settings: declared once, checked, documented; the early ones survive a broken file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from techkit import settings
from techkit.errors import InputError

ROOT = Path(__file__).parent.parent


def test_every_setting_has_a_key_of_its_own() -> None:
    """Keys are unique, have words for a person, and a default that fits."""
    keys = [setting.key for setting in settings.every()]
    assert len(set(keys)) == len(keys)
    for setting in settings.every():
        assert setting.label
        assert setting.check(setting.default) == setting.default


def test_page_of_settings_is_derived() -> None:
    """docs/settings.md is what the declarations say now."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings.describe()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sync.interval_s", 5),
        ("sync.interval_s", True),
        ("sync.interval_s", 10**12),
        ("theme", "pink"),
        ("sync.is_paused", 1),
        ("network.reference_hosts", "one.invalid"),
        ("network.reference_hosts", [1]),
        ("sync.proxy", "x" * 3000),
        ("language", None),
    ],
)
def test_wrong_value_is_refused(key: str, value: object) -> None:
    """A value of the wrong type or outside the limits is refused by name, and read as the default."""
    with pytest.raises(InputError) as caught:
        settings.declared(key).check(value)
    assert caught.value.field == key
    assert settings.declared(key).accept(value) == settings.default(key)


def test_early_settings_are_read_before_unlocking(tmp_path: Path) -> None:
    """Language and look are beside the store in clear; nothing else is."""
    settings.remember(tmp_path, "theme", "dark")
    settings.remember(tmp_path, "network.reference_hosts", ["office.invalid"])
    assert settings.read_early(tmp_path)["theme"] == "dark"
    assert "office" not in (tmp_path / "settings.json").read_text()


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", "null", '{"theme": "dark"', "[" * 100_000, "\x00", "9" * 5000, '{"a":' * 9000]
)
def test_broken_file_gives_defaults_and_is_kept(tmp_path: Path, broken: str) -> None:
    """A broken file gives the defaults and is kept aside as .bad."""
    (tmp_path / "settings.json").write_text(broken)
    assert settings.read_early(tmp_path)["theme"] == "system"
    assert (tmp_path / "settings.json.bad").read_text() == broken


def test_one_bad_value_costs_only_itself(tmp_path: Path) -> None:
    """A wrong value gives the default for its key only."""
    (tmp_path / "settings.json").write_text(json.dumps({"theme": 7, "language": "de", "nonsense": []}))
    held = settings.read_early(tmp_path)
    assert (held["theme"], held["language"]) == ("system", "de")
    assert "nonsense" not in held


def test_folder_is_chosen_by_the_environment_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TECHKIT_FOLDER wins; else the user's own data folder."""
    monkeypatch.setenv("TECHKIT_FOLDER", str(tmp_path))
    assert settings.folder() == tmp_path
    monkeypatch.delenv("TECHKIT_FOLDER")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("sys.platform", "linux")
    assert settings.folder() == tmp_path / "data" / "techkit"


def test_a_stick_keeps_everything_beside_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With portable.txt beside the program, the store is in `data` beside it."""
    monkeypatch.delenv("TECHKIT_FOLDER", raising=False)
    monkeypatch.setattr(settings, "_program_folder", lambda: tmp_path)
    assert not settings.is_portable()
    (tmp_path / "portable.txt").touch()
    assert settings.is_portable()
    assert settings.folder() == tmp_path / "data"
