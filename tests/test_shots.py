"""The names of pictures: what `./dev shots --view` takes, and what is taken when nothing is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from shots import camera as cameras
from shots.camera import Camera
from shots.views import LANGUAGES, VIEWS, Asked, View, named


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_found_by_the_end_of_its_pictures_name(language: str, view: View) -> None:
    """A picture's name leads back to its language and view."""
    assert named(view.suffix(language)[1:] or "en") == (language, view)


def test_a_view_of_any_size_may_be_asked_for() -> None:
    """Sizes no usual picture has are taken, and only the languages named are played."""
    asked = Asked(["de-dark-1024x2400-150", "fr"])
    assert asked.languages == ("de", "fr")
    assert asked.of("de") == [View("dark", 1024, 2400, 150)]
    assert asked.of("fr") == [View()]


@pytest.mark.parametrize("name", ["nl", "de-blue", "dark-de", "1024", "1024x600-large"])
def test_a_name_no_picture_ends_on_is_refused(name: str) -> None:
    """A slip of the pen is told, not taken as all views."""
    with pytest.raises(ValueError, match="no view is called"):
        named(name)


def test_without_a_view_every_one_is_taken_but_of_a_picture_that_wants_one_only() -> None:
    """Asking for nothing takes every look at every size; a picture may ask for the plain view alone."""
    assert Asked().of("de") == list(VIEWS)
    assert Asked().of("de", only="") == [View()]


def test_a_screen_that_never_comes_is_named(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera ends with the place it waited at; a machine that gave it no turns is waited for longer."""
    camera = Camera(tmp_path, "en", fill=lambda _folder: _folder.mkdir())
    turns = []
    try:
        monkeypatch.setattr(cameras, "PATIENCE_S", 0.01)
        monkeypatch.setattr(cameras, "PATIENCE_TURNS_PER_S", 500)
        with pytest.raises(TimeoutError, match=r"never came: test_shots\.py:\d+"):
            camera.wait(lambda: turns.append(1))
        assert len(turns) > 5
    finally:
        camera.close()
