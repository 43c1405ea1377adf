"""A visit worded in the language of its page: what techkit itself wrote, never what a person wrote.

Findings are judged again from their readings; titles of drafted entries, what these name, and texts of
suggested promises and advice are made again where they still stand as techkit made them. The result depends
on the records and the page's language alone, so that a signed page is made again the same from any window.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from techkit import i18n
from techkit.diagnostics import catalogue, runner
from techkit.i18n import LANGUAGES, _
from techkit.records.activities import Activity, Origin
from techkit.records.assets import DiagnosticRun
from techkit.records.bundle import VisitBundle
from techkit.records.drafts import Draft, all_drafts
from techkit.records.findings import Complaint, Finding, Verdict
from techkit.records.success import FollowUp, Recommendation
from techkit.records.visit import Visit
from techkit.store import cards
from techkit.ui.presenters.promises import advice_text, promise_texts, reworded

T = TypeVar("T")

#: Fields of a drafted entry that name what it is about: a program's own name, or words of techkit.
_NAMED = ("product", "target")


def in_language(bundle: VisitBundle, tag: str) -> VisitBundle:
    """Return the visit with techkit's own words in a language; nothing else changes."""
    bundle = dataclasses.replace(
        bundle,
        follow_ups=tuple(_as_promised(f, tag) for f in bundle.follow_ups),
        recommendations=tuple(_of_card(r, tag) for r in bundle.recommendations),
    )
    if bundle.runs and all(run.language == tag for run in bundle.runs):
        return bundle
    worded = {language: _judged_bundle(bundle, language) for language in {*LANGUAGES, tag}}
    own = worded[tag]
    return dataclasses.replace(
        own,
        activities=_activities(worded, tag),
        follow_ups=tuple(_promise(f, worded, tag) for f in own.follow_ups),
        recommendations=tuple(_advice(r, worded, tag) for r in own.recommendations),
    )


def _judged_bundle(bundle: VisitBundle, tag: str) -> VisitBundle:
    with i18n.language(tag):
        runs = tuple(_judged(run, bundle.visit, tag) for run in bundle.whole_runs)
        return dataclasses.replace(bundle, runs=runs)


def _judged(run: DiagnosticRun, visit: Visit, tag: str) -> DiagnosticRun:
    if run.started_at is None or ((run.language or i18n.current()) == tag and run.language):
        return run
    complaint = None if visit.complaint is Complaint.OTHER else visit.complaint
    there = {f.check for f in run.findings}
    asked = [c for c in catalogue.checks() if c.id in there]
    findings = runner.judge(run.readings, run.probes, at=run.started_at, complaint=complaint, checks=asked)
    kept = {(f.check, f.subject): f for f in run.findings}
    return dataclasses.replace(
        run, findings=tuple(_as_bad_as(f, kept.get((f.check, f.subject))) for f in findings)
    )


def _as_bad_as(judged: Finding, kept: Finding | None) -> Finding:
    """Return a finding no better than it was: growth since an earlier visit is not in this run's readings."""
    if (
        kept is None
        or judged.verdict not in (Verdict.OK, Verdict.WATCH)
        or kept.verdict.rank <= judged.verdict.rank
    ):
        return judged
    text = _("{text} It has become worse since our last visit.", text=judged.customer_sentence)
    return dataclasses.replace(judged, verdict=kept.verdict, customer_sentence=text)


def _activities(worded: dict[str, VisitBundle], tag: str) -> tuple[Activity, ...]:
    own = worded[tag].activities
    if not any(a.origin is Origin.DRAFTED for a in own):
        return own
    made: dict[str, dict[str, dict[str, str]]] = {}
    for language, bundle in worded.items():
        with i18n.language(language):
            for draft in all_drafts(bundle):
                made.setdefault(draft.key, {})[language] = _words_of(draft)
    return tuple(_reworded(a, made, tag) for a in own)


def _words_of(draft: Draft) -> dict[str, str]:
    """Return the words of a drafted entry that techkit chose, by field."""
    named = {name: str(getattr(draft.record, name, "") or "") for name in _NAMED}
    return {"title": draft.title} | {name: text for name, text in named.items() if text}


def _reworded(activity: Activity, made: dict[str, dict[str, dict[str, str]]], tag: str) -> Activity:
    changed: dict[str, Any] = {}
    for proof in activity.evidence:
        told = made.get(proof.draft_key, {})
        for name, words in told.get(tag, {}).items():
            if any(getattr(activity, name, None) == there.get(name) for there in told.values()):
                changed.setdefault(name, words)
    return dataclasses.replace(activity, **changed)


def _as_promised(promise: FollowUp, tag: str) -> FollowUp:
    text = _in(tag, reworded, promise.created_from, promise.text)
    return promise if text == promise.text else dataclasses.replace(promise, text=text)


def _promise(promise: FollowUp, worded: dict[str, VisitBundle], tag: str) -> FollowUp:
    made = {
        language: _in(language, promise_texts, promise.created_from, bundle)
        for language, bundle in worded.items()
    }
    return dataclasses.replace(promise, text=_as_made(promise.text, made, tag))


def _advice(advice: Recommendation, worded: dict[str, VisitBundle], tag: str) -> Recommendation:
    told = {language: _findings(bundle, advice) for language, bundle in worded.items()}
    texts = {
        language: {place: _in(language, advice_text, f) for place, f in found.items()}
        for language, found in told.items()
    }
    whys = {
        language: {place: f.customer_sentence or f.sentence for place, f in found.items()}
        for language, found in told.items()
    }
    return dataclasses.replace(
        advice, text=_as_made(advice.text, texts, tag), why=_as_made(advice.why, whys, tag)
    )


def _as_made(text: str, made: Mapping[str, Mapping[str, str]], tag: str) -> str:
    """Return a text that techkit made in some language as it makes it in this one; any other as it is.

    made: by language, the texts by where they come from.
    """
    places = (place for texts in made.values() for place, words in texts.items() if text and words == text)
    return next((made[tag][place] for place in places if made[tag].get(place)), text)


def _of_card(advice: Recommendation, tag: str) -> Recommendation:
    """Return advice taken from a card that ships in another language; what a person changed stays."""
    if not advice.card:
        return advice
    versions = [c for language in LANGUAGES for c in cards.shipped(language) if c.id == advice.card]
    own = next((c for c in versions if c.language == tag), None)
    if own is None or own.customer == advice.text:
        return advice
    changed = advice
    if any(c.customer == advice.text for c in versions):
        changed = dataclasses.replace(changed, text=own.customer)
    if any(c.title == advice.why for c in versions):
        changed = dataclasses.replace(changed, why=own.title)
    return changed


def _in(language: str, words: Callable[..., T], *given: object) -> T:
    with i18n.language(language):
        return words(*given)


def _findings(bundle: VisitBundle, advice: Recommendation) -> dict[str, Finding]:
    """Return what an advice is about, by run and subject: what was found before the work may be gone after it."""
    return {
        f"{run.id} {finding.subject}": finding
        for run in bundle.runs
        for finding in run.findings
        if advice.check and run.asset_id == advice.asset_id and finding.check == advice.check
    }
