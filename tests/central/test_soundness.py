"""The look through what a service keeps: the trail, the records, the list of visits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from techkit import cli
from techkit.central import soundness
from techkit.central.models import Attachment, AuditEvent, Record, VisitRow
from techkit.errors import CentralError
from tests.central import samples


def test_what_was_changed_behind_its_back_is_named(
    van: Any, central_db: Path, prepared: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A sound service ends 0; an entry and a record changed in the database are each named, and it ends 1."""
    van.send(*samples.slow_computer())
    asked = ["--language", "en", "serve", "--data", str(central_db), "--database", prepared[1], "--verify"]
    assert cli.main(asked) == 0
    said = capsys.readouterr().out
    assert "audit trail is whole" in said
    assert "made again: 1 visit." in said
    assert "Every file of a visit is here." in said
    entry = AuditEvent.objects.order_by("place")[0]
    AuditEvent.objects.filter(pk=entry.pk).update(actor_name="Nobody")
    record = Record.objects.get(entity="customer")
    Record.objects.filter(pk=record.pk).update(state={**record.state, "display_name": "Somebody else"})
    VisitRow.objects.all().delete()
    Attachment.objects.create(
        org_id=entry.org_id, sha256="0" * 64, size_bytes=9, is_complete=True, announced_at=datetime.now(UTC)
    )
    assert cli.main(asked) == 1
    said = capsys.readouterr().out
    assert f"from entry {entry.place} on" in said
    assert str(record.entity_id) in said
    assert "missing here: 1." in said
    assert VisitRow.objects.count() == 1


def test_a_folder_without_a_service_is_told_and_stays_as_it_is(tmp_path: Path) -> None:
    """Nothing is made where only looking was asked for."""
    with pytest.raises(CentralError, match="no service"):
        soundness.verify(tmp_path)
    assert list(tmp_path.iterdir()) == []
