"""A check's result for somebody else: own JSON, plain text, GLPI format; redacted by audience.

`audience` is who will read it: internal is the technician's own use, staff the office, customer everybody
outside. Nothing leaves the computer as it was read: `left_out` says first, for the customer's eyes, what is
shortened or left out for whom. What is private in a reading is also taken out of the sentences that
quote it. Each export carries a digest over its content, so that a change shows.

| privacy of a reading | internal | staff | customer |
|---|---|---|---|
| none | whole | whole | whole |
| identifier (serials, MAC addresses) | whole | last four signs | last four signs |
| personal (user names, network names) | whole | left out | left out, with their subjects |
| secret | never stored, never exported | | |
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from techkit.diagnostics import glpi, sheet
from techkit.diagnostics.private_names import name_of
from techkit.i18n import _, clock, day
from techkit.probes.probe import why_missing
from techkit.records.findings import (
    AREA_LABELS,
    CheckResult,
    Evidence,
    Finding,
    Privacy,
    Reading,
    Value,
    Verdict,
)
from techkit.records.schema import Audience
from techkit.records.visible import in_json

#: Signs kept of an identifier: enough to compare with a label by eye, too few to look up. Ours.
KEPT_SIGNS = 4

#: Private texts shorter than this are not searched for in sentences: "eth0" or "sda" would tear words apart.
SHORTEST_QUOTED = 4

SHAPE = 1


@dataclass(frozen=True)
class LeftOut:
    """One line of the list shown before an export: what is private, how many, and what happens to them."""

    name: str
    count: int
    is_shortened: bool

    def sentence(self) -> str:
        """Return the line for a person."""
        if self.is_shortened:
            return _(
                "{what}: only the last {n} signs ({count})",
                what=self.name,
                n=KEPT_SIGNS,
                count=self.count,
            )
        return _("{what}: left out ({count})", what=self.name, count=self.count)


def left_out(result: CheckResult, audience: Audience) -> list[LeftOut]:
    """Return what an export for this audience shortens or leaves out, ordered by name."""
    counts: Counter[tuple[str, bool]] = Counter()
    for reading in result.readings:
        if why_missing(reading) is None and reading != redacted(reading, audience):
            counts[name_of(reading.id), reading.privacy is Privacy.IDENTIFIER] += 1
    return [LeftOut(name, count, is_shortened) for (name, is_shortened), count in sorted(counts.items())]


def redacted(reading: Reading, audience: Audience) -> Reading | None:
    """Return the reading as this audience may see it, None when it may not be seen at all."""
    if reading.privacy is Privacy.SECRET:
        return None
    if reading.privacy is Privacy.NONE or audience is Audience.INTERNAL or why_missing(reading):
        return reading
    if reading.privacy is Privacy.IDENTIFIER:
        return dataclasses.replace(reading, value=_each_text(reading.value, _shortened))
    # The subject of a personal reading is as personal as its value: the name of an account.
    return dataclasses.replace(reading, value=None, subject=_placeholder() if reading.subject else "")


def for_audience(result: CheckResult, audience: Audience) -> CheckResult:
    """Return the result as this audience may see it: readings, and sentences that quote them."""
    quoted = _quoted(result.readings, audience)
    readings = (redacted(reading, audience) for reading in result.readings)
    kept = tuple(reading for reading in readings if reading is not None)
    return dataclasses.replace(
        result,
        computer=_computer(result, quoted, audience),
        readings=kept,
        findings=tuple(_clean(finding, quoted) for finding in result.findings),
        probes=tuple(
            dataclasses.replace(
                report,
                excerpt="" if quoted else report.excerpt,
                reason_text=_without(report.reason_text, quoted),
            )
            for report in result.probes
        ),
    )


def _computer(result: CheckResult, quoted: Mapping[str, str], audience: Audience) -> dict[str, str]:
    """Return what names the computer, without a name that is private itself, however short."""
    if audience is Audience.INTERNAL:
        return dict(result.computer)
    private = {str(r.value) for r in result.readings if r.privacy is not Privacy.NONE}
    return {key: _without(text, quoted) for key, text in result.computer.items() if text not in private}


def as_json(result: CheckResult, audience: Audience, *, version: str) -> str:
    """Return the JSON export: the object of `techkit check --json`, for an audience, with its digest.

    Its schema is docs/check.schema.json.

    digest: SHA-256 over the object without it, as `digest` makes it.
    """
    content = sheet.as_object(for_audience(result, audience), version=version)
    content |= {"shape": SHAPE, "audience": str(audience)}
    content["digest"] = digest(content)
    return in_json(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True))


def digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 over an export's content without its digest, as canonical JSON."""
    rest = {key: value for key, value in content.items() if key != "digest"}
    canonical = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def is_unchanged(text: str) -> bool:
    """Return whether an export still is what techkit wrote; False also for what is no export."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("digest") == digest(content)


def as_text(result: CheckResult, audience: Audience, zone: tzinfo | None = None) -> str:
    """Return a plain text for an e-mail: the customer's sentences, what to do, no tables, no colour.

    zone: whose clock it tells the time by, None for this computer's.
    """
    seen = for_audience(result, audience)
    began_at = seen.started_at.astimezone(zone)
    when = _("{day}, {time}", day=day(began_at.date()), time=clock(began_at))
    lines = [sheet.printable(_("Check of {computer} on {when}", computer=_named(seen), when=when)), ""]
    for verdict in (Verdict.ACT, Verdict.WATCH, Verdict.UNKNOWN, Verdict.OK):
        found = [finding for finding in seen.findings if finding.verdict is verdict]
        if found:
            lines.append(f"{_(verdict.label)} ({len(found)})")
            lines += [line for finding in found for line in _mail_lines(finding)]
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def text_of(
    result: CheckResult, form: str, audience: Audience, *, version: str, zone: tzinfo | None = None
) -> str:
    """Return an export by the name of its form: "json", "text" or "glpi" (the GLPI inventory format).

    Raises: ValueError for any other form.
    """
    if form == "json":
        return as_json(result, audience, version=version)
    if form == "text":
        return as_text(result, audience, zone)
    if form == "glpi":
        made = glpi.document(for_audience(result, audience), version=version)
        return in_json(json.dumps(made, ensure_ascii=False, indent=1))
    raise ValueError(f"no such form: {form}")


def _mail_lines(finding: Finding) -> Iterable[str]:
    name = f"{finding.title} ({finding.subject})" if finding.subject else finding.title
    yield sheet.printable(
        f"- {_(AREA_LABELS[finding.area])}, {name}: {finding.customer_sentence or finding.sentence}"
    )
    if finding.verdict is Verdict.UNKNOWN and finding.reason_text:
        yield sheet.printable(f"  {finding.reason_text}")
    if finding.advice:
        yield sheet.printable(f"  {finding.advice}")


def _named(result: CheckResult) -> str:
    known = [result.computer.get(key, "") for key in ("name", "maker", "model")]
    return " ".join(part for part in known if part) or _("this computer")


# --- taking out ---------------------------------------------------------------------------------------------


def _placeholder() -> str:
    return _("(left out)")


def _shortened(text: str) -> str:
    return f"…{text[-KEPT_SIGNS:]}" if len(text) > KEPT_SIGNS else "…"


def _each_text(value: Value, change: Any) -> Value:
    """Return the value with every text in it changed; numbers of an identifier become text first."""
    if isinstance(value, str):
        return str(change(value))
    if isinstance(value, dict):
        return {key: change(str(item)) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    return value if value is None or isinstance(value, bool) else str(change(str(value)))


def _quoted(readings: Iterable[Reading], audience: Audience) -> dict[str, str]:
    """Return what must not appear in sentences: private text -> what stands there instead."""
    if audience is Audience.INTERNAL:
        return {}
    found: dict[str, str] = {}
    for reading in readings:
        if reading.privacy is Privacy.NONE or why_missing(reading):
            continue
        is_identifier = reading.privacy is Privacy.IDENTIFIER
        for text in _texts(reading.value):
            found[text] = _shortened(text) if is_identifier else _placeholder()
        if reading.subject and not is_identifier:
            found[reading.subject] = _placeholder()
    return {
        text: found[text] for text in sorted(found, key=len, reverse=True) if len(text) >= SHORTEST_QUOTED
    }


def _texts(value: Value) -> Iterable[str]:
    if isinstance(value, str):
        yield value
        if ", " in value:
            yield from value.split(", ")
    elif isinstance(value, dict):
        yield from (item for item in value.values() if isinstance(item, str))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _without(text: str, quoted: Mapping[str, str]) -> str:
    if not quoted or not text:
        return text
    pattern = "|".join(re.escape(private) for private in quoted)
    return re.sub(pattern, lambda match: quoted[match[0]], text)


def _clean(finding: Finding, quoted: Mapping[str, str]) -> Finding:
    if not quoted:
        return finding
    texts = (
        "subject",
        "value_text",
        "limit_text",
        "reason_text",
        "sentence",
        "customer_sentence",
        "advice",
        "explains_why",
    )
    changed: dict[str, Any] = {name: _without(getattr(finding, name), quoted) for name in texts}
    changed["value"] = (
        _each_text(finding.value, lambda text: _without(text, quoted))
        if isinstance(finding.value, str | dict | list)
        else finding.value
    )
    changed["evidence"] = tuple(
        Evidence(
            label=_without(row.label, quoted),
            value=_without(row.value, quoted),
            limit=_without(row.limit, quoted),
            verdict=row.verdict,
        )
        for row in finding.evidence
    )
    return dataclasses.replace(finding, **changed)
