"""Whether the camera shows a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from techkit.diagnostics import trials
from techkit.diagnostics.check import Check, Readings, Result, level_set
from techkit.i18n import N_
from techkit.probes import hands
from techkit.records.findings import Area


@level_set
class Levels:
    """None: a person judges, no number does."""


WORDS: Final = trials.Words(
    works=N_("The camera showed a picture. No picture was kept."),
    customer_works=N_("The camera works."),
    faulty=N_("The camera showed no useful picture."),
    customer_faulty=N_("The camera does not work as it should."),
    advice=N_("Look for a cover or a switch, whether programs may use it, then for its driver."),
    facts={"picture_count": N_("Pictures seen"), "size": N_("Size of a picture")},
)


def evaluate(readings: Readings, _levels: Levels) -> Iterator[Result]:
    """Yield what the technician said after trying, nothing before."""
    return trials.evaluate("camera", WORDS, readings)


CHECK = Check(
    id="camera_test",
    title=N_("Camera, tried"),
    area=Area.DEVICES,
    why=N_("A covered or blocked camera is the most frequent trouble before a call."),
    probes=(hands.CAMERA,),
    levels=Levels(),
    evaluate=evaluate,
    needs=("hands.camera.judgement",),
)
