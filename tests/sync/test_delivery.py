"""What of a visit arrived, told in words that fit the number in every language."""

from __future__ import annotations

import pytest

from techkit import i18n
from techkit.sync.delivery import Delivery


@pytest.mark.parametrize(
    ("tag", "done", "count", "sentence"),
    [
        ("en", 1, 1, "Sent, 1 of 1 photo or file confirmed."),
        ("en", 1, 6, "Waiting: 1 of 6 photos and files confirmed."),
        ("de", 1, 1, "Gesendet, 1 von 1 Foto oder Datei bestätigt."),
        ("fr", 1, 1, "Envoyé ; photo ou fichier confirmé : 1 sur 1."),
        ("fr", 1, 6, "En attente ; photos et fichiers confirmés : 1 sur 6."),
    ],
)
def test_one_file_is_told_as_one(tag: str, done: int, count: int, sentence: str) -> None:
    """A single photo is no plural; one of several leaves several."""
    told = Delivery(changes_confirmed=3, changes_waiting=0, files_confirmed=done, files_count=count, at=None)
    with i18n.language(tag):
        assert told.sentence.replace(i18n.NO_BREAK_SPACE, " ") == sentence
