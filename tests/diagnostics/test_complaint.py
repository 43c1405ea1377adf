"""What explains the complaint stands first, each with its reason."""

from __future__ import annotations

from techkit.diagnostics import catalogue, complaint
from techkit.diagnostics.check import Check, Explanation
from techkit.records.findings import Area, Complaint, Explains, Finding, Verdict


def check(tank, id: str, *complaints: Complaint) -> Check:
    explains = {c: Explanation(why=f"{id} is bad.", why_not=f"{id} is good.") for c in complaints}
    return Check(
        id=id,
        title=id,
        area=Area.DEVICES,
        why="",
        probes=(tank.TANK,),
        levels=None,
        evaluate=lambda _r, _l: [],
        explains=explains,
    )


def finding(id: str, verdict: Verdict, **more) -> Finding:
    return Finding(check=id, title=id, area=Area.DEVICES, verdict=verdict, **more)


def test_explanations_come_first_then_severity(tank):
    """Likely, possible, ruled out; then the rest by severity, what nobody could look at behind what is known to be wrong."""
    slow = {id: check(tank, id, Complaint.SLOW) for id in ("bad", "worrying", "unseen", "fine", "absent")}
    other = {id: check(tank, id) for id in ("worse", "good")}
    found = complaint.explain(
        [
            finding("good", Verdict.OK),
            finding("fine", Verdict.OK),
            finding("worse", Verdict.ACT),
            finding("worrying", Verdict.WATCH),
            finding("unseen", Verdict.UNKNOWN),
            finding("absent", Verdict.NOT_APPLICABLE),
            finding("bad", Verdict.ACT),
        ],
        Complaint.SLOW,
        slow | other,
    )
    assert [(f.check, f.explains) for f in found] == [
        ("bad", Explains.LIKELY),
        ("worrying", Explains.POSSIBLE),
        ("fine", Explains.RULED_OUT),
        ("worse", None),
        ("unseen", Explains.POSSIBLE),
        ("good", None),
        ("absent", None),
    ]
    assert all(f.explains_why for f in found if f.explains)
    assert found[0].explains_why == "bad is bad."
    assert found[2].explains_why == "fine is good."


def test_unknown_is_never_ruled_out(tank):
    """What could not be checked stays possible, and says why."""
    [found] = complaint.explain(
        [finding("x", Verdict.UNKNOWN)], Complaint.SLOW, {"x": check(tank, "x", Complaint.SLOW)}
    )
    assert found.explains is Explains.POSSIBLE
    assert "could not be checked" in found.explains_why


def test_a_checks_own_reason_wins(tank):
    """A check that names the program keeps its words."""
    [found] = complaint.explain(
        [finding("x", Verdict.ACT, explains_why="Browser holds a core.")],
        Complaint.SLOW,
        {"x": check(tank, "x", Complaint.SLOW)},
    )
    assert found.explains_why == "Browser holds a core."


def test_without_a_complaint_the_worst_comes_first(tank):
    """Nothing explains anything then: what is known to be wrong stands before what nobody could look at."""
    verdicts = {"a": Verdict.OK, "b": Verdict.UNKNOWN, "c": Verdict.WATCH, "d": Verdict.ACT}
    found = complaint.explain(
        [finding(id, verdict) for id, verdict in verdicts.items()],
        None,
        {id: check(tank, id, Complaint.SLOW) for id in verdicts},
    )
    assert [(f.check, f.explains) for f in found] == [("d", None), ("c", None), ("b", None), ("a", None)]


def test_every_named_complaint_is_explained_by_some_check():
    """No complaint a technician can choose is left without a single check (but "something else")."""
    explained = {complaint for check in catalogue.checks() for complaint in check.explains}
    assert explained >= set(Complaint) - {Complaint.OTHER}
