"""What a child is given."""

from __future__ import annotations

import os

import pytest

from techkit.children.environment import environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the misbehaving children are written for POSIX")


def test_the_environment_is_small_and_in_the_c_locale(monkeypatch):
    """Nothing that loads code or opens a prompt is handed down."""
    monkeypatch.setenv("LD_PRELOAD", "/tmp/evil.so")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("SSH_ASKPASS", "/usr/bin/ask")
    handed = environment("mark")
    assert handed["LC_ALL"] == "C"
    assert not {"LD_PRELOAD", "DISPLAY", "SSH_ASKPASS", "PYTHONPATH"} & handed.keys()
