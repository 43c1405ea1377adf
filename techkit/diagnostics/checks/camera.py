"""Whether the computer's camera is there, has its driver and may be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from techkit.diagnostics import quantities
from techkit.diagnostics.check import Check, Readings, Result, level, level_set
from techkit.diagnostics.name_lists import problem_words
from techkit.i18n import N_, _, ngettext
from techkit.probes import cameras, computer
from techkit.records.findings import Area, Evidence, Verdict


@level_set
class Levels:
    """A camera that cannot be used is watch, also where somebody wants it so: the next call tells too late."""

    least: int = level(1, unit="count", source="ours: on a notebook, whose lid holds one since about 2010")


#: What keeps programs from a camera, as the reading says it, and as people read it.
BLOCKED: Final[Mapping[str, str]] = {
    "privacy setting": N_("a privacy setting"),
    "privacy setting for desktop programs": N_("a privacy setting for desktop programs"),
    "policy": N_("a policy of whoever manages the computer"),
    "permission": N_("missing permission for the signed-in person"),
    "switch": N_("a key or switch of the computer"),
}

#: What to do about each of them.
_ADVICE: Final[Mapping[str, str]] = {
    "privacy setting": N_(
        "Ask whether it is meant so; if not, let programs use the camera in the privacy settings."
    ),
    "policy": N_("Ask whoever manages the computer; a policy cannot be changed on site."),
    "permission": N_("Sign in at the computer itself, or add the person to the group video."),
    "switch": N_("Look for the key or switch that cuts the camera off."),
}


def evaluate(readings: Readings, levels: Levels) -> Iterator[Result]:
    """Yield one result over all cameras; only a notebook without one is worth a word."""
    count = readings.number("devices.camera_count")
    if count is None:
        return
    blocked = readings.texts("devices.camera.blocked_by")
    faulty = readings.subjects("devices.camera.problem")
    if count < levels.least:
        if blocked or readings.text("system.kind") == "notebook":
            yield _none(blocked)
        return
    if faulty:
        yield _faulty(readings, faulty, int(count))
    elif blocked:
        yield _blocked(blocked, int(count))
    else:
        yield _result(
            Verdict.OK,
            int(count),
            _("there"),
            ngettext(
                "{n} camera is there and may be used.", "{n} cameras are there and may be used.", int(count)
            ),
            _("The camera is recognised and may be used."),
            evidence=[Evidence(label=_("Camera"), value=name) for name in _names(readings)],
        )


def _names(readings: Readings) -> list[str]:
    subjects = readings.subjects("devices.camera.name")
    return [readings.text("devices.camera.name", subject) or subject for subject in subjects]


def _none(blocked: list[str]) -> Result:
    return _result(
        Verdict.WATCH,
        0,
        _("none"),
        _("No camera is seen: it is kept away by {reason}.", reason=_words(blocked))
        if blocked
        else _("No camera is seen."),
        _("The computer does not see a camera."),
        _advice(blocked)
        or _(
            "If the computer has one: look for the key or switch that cuts it off, then in the firmware, then for its cable."
        ),
    )


def _faulty(readings: Readings, faulty: list[str], count: int) -> Result:
    told = [
        Evidence(
            label=readings.text("devices.camera.name", subject) or subject,
            value=problem_words(readings.text("devices.camera.problem", subject) or ""),
        )
        for subject in faulty
    ]
    return _result(
        Verdict.WATCH,
        count,
        _("does not work"),
        _(
            "The camera {name} does not work: {problem}.",
            name=quantities.listed([row.label for row in told], 2),
            problem=told[0].value,
        ),
        _("The camera of the computer does not work."),
        _(
            "Switch it on in the system’s list of devices, or install its driver from the maker of the computer."
        ),
        told,
    )


def _blocked(blocked: list[str], count: int) -> Result:
    return _result(
        Verdict.WATCH,
        count,
        _("blocked"),
        _("The camera is there, but programs are kept from it by {reason}.", reason=_words(blocked)),
        _("Programs may not use the camera."),
        _advice(blocked),
    )


def _words(blocked: list[str]) -> str:
    return quantities.listed([_(BLOCKED[word]) if word in BLOCKED else word for word in blocked])


def _advice(blocked: list[str]) -> str:
    # A policy is above what the person may set.
    for word, advice in sorted(_ADVICE.items(), key=lambda row: row[0] != "policy"):
        if any(told.startswith(word) for told in blocked):
            return _(advice)
    return ""


def _result(
    verdict: Verdict,
    count: int,
    text: str,
    sentence: str,
    customer: str,
    advice: str = "",
    evidence: list[Evidence] | None = None,
) -> Result:
    return Result(
        verdict,
        value=count,
        unit="count",
        value_text=text,
        sentence=sentence,
        customer_sentence=customer,
        advice=advice,
        evidence=tuple((evidence or [])[:20]),
        reading_ids=("devices.camera_count", "devices.camera.problem", "devices.camera.blocked_by"),
    )


CHECK = Check(
    id="camera",
    title=N_("Camera"),
    area=Area.DEVICES,
    why=N_("A camera that is blocked or has no driver shows only when the call begins."),
    probes=(cameras.PRESENT,),
    also=(computer.MACHINE,),
    levels=Levels(),
    evaluate=evaluate,
)
