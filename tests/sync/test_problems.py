"""The numbered problems both ends speak in."""

from __future__ import annotations

from techkit.sync import problems
from techkit.sync.problems import Problem, ProblemCode


def test_every_problem_has_words_and_a_status() -> None:
    """Each number has a title, an advice and an HTTP status; unknown numbers keep the sender's words."""
    for code in ProblemCode:
        made = problems.problem(code)
        assert made.title.endswith(".")
        assert made.advice
        assert 200 <= made.status < 600
        assert made.shown() == (made.title, made.advice)
    assert Problem(code=999, title="New", advice="Wait").shown() == ("New", "Wait")
