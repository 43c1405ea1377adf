"""What two checks of one computer say about its protection: switched on, cleared, backed up. Pure.

Only what both checks could read counts. What nobody but a person does is certain; what systems also do by themselves,
and whatever got worse, is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from techkit import i18n
from techkit.i18n import N_, _, ngettext
from techkit.records.assets import DiagnosticRun
from techkit.records.findings import Reading

#: Switches: reading → what it is called, whether switching it on is a person's work for sure. Memory integrity and a
#: virus scanner also come on by themselves. Source: Microsoft's pages on both (enabled by updates, after an expiry).
_SWITCHES = {
    "security.disk_encrypted": (N_("Disk encryption"), True),
    "security.secure_boot": (N_("Secure start"), True),
    "security.account_control": (N_("Question before changes to the system"), True),
    "security.core_isolation": (N_("Memory integrity"), False),
    "security.antivirus.active": (N_("Virus protection"), False),
}

#: A backup this much younger than the time between two checks was made in between, days.
_CLOCKS_DIFFER = 1 / 24


@dataclass(frozen=True, kw_only=True)
class ProtectionChange:
    """One difference. key: stable. kind: "configured" or "backup". reason: why it is asked, "" where it is certain."""

    key: str
    kind: str
    title: str
    product: str
    before: str
    after: str
    reason: str = ""


def protection_changes(before: DiagnosticRun, after: DiagnosticRun) -> tuple[ProtectionChange, ...]:
    """Return the differences, switches first."""
    old, new = _by_subject(before), _by_subject(after)
    both = [key for key in old if key in new]
    return (
        *(c for key in both if (c := _switched(key, old[key], new[key])) is not None),
        *_fewer_accounts(old, new),
        *_backed_up(old, new, before, after),
    )


def _by_subject(run: DiagnosticRun) -> dict[tuple[str, str], Reading]:
    return {(r.id, r.subject): r for r in run.readings if r.value is not None}


def _switched(key: tuple[str, str], old: Reading, new: Reading) -> ProtectionChange | None:
    known = _SWITCHES.get(key[0])
    if known is None or not isinstance(old.value, bool) or not isinstance(new.value, bool):
        return None
    if old.value is new.value:
        return None
    (label, is_certain), where = known, key[1]
    name = f"{_(label)} ({where})" if where else _(label)
    states = (_("off"), _("on"))
    reason = ""
    if not new.value:
        reason = _("It is off now: was that wanted?")
    elif not is_certain:
        reason = _("Systems also switch this on by themselves.")
    return ProtectionChange(
        key=f"{key[0]}:{where}",
        kind="configured",
        title=_("{name} switched on", name=name) if new.value else _("{name} switched off", name=name),
        product=_(label),
        before=states[old.value],
        after=states[new.value],
        reason=reason,
    )


Found = dict[tuple[str, str], Reading]

#: Lists of accounts that are better shorter: reading → its name, and the sentence by count.
_ACCOUNTS: dict[str, tuple[str, Callable[[int], str]]] = {
    "security.empty_passwords": (
        N_("Accounts without a password"),
        lambda n: ngettext("A password set for {n} account", "Passwords set for {n} accounts", n),
    ),
    "security.administrators": (
        N_("Accounts that may do everything"),
        lambda n: ngettext(
            "{n} account may no longer do everything", "{n} accounts may no longer do everything", n
        ),
    ),
}


def _fewer_accounts(old: Found, new: Found) -> Iterator[ProtectionChange]:
    """Yield what became of accounts, by their number: who they are stays in the reading."""
    for reading_id, (label, words) in _ACCOUNTS.items():
        sides = [side.get((reading_id, "")) for side in (old, new)]
        lists = [s.value for s in sides if s is not None and isinstance(s.value, (list, tuple))]
        if len(lists) != 2 or not {*map(str, lists[1])} < {*map(str, lists[0])}:
            continue
        was, now = len(lists[0]), len(lists[1])
        yield ProtectionChange(
            key=f"{reading_id}:",
            kind="configured",
            title=words(was - now),
            product=_(label),
            before=i18n.number(was),
            after=i18n.number(now),
        )


def _backed_up(
    old: Found, new: Found, before: DiagnosticRun, after: DiagnosticRun
) -> Iterator[ProtectionChange]:
    """Yield the backup that was made between the checks, be it the first one."""
    if before.started_at is None or after.started_at is None:
        return
    between = (after.started_at - before.started_at).total_seconds() / 86400
    never = old.get(("backup.never", ""))
    is_first = never is not None and never.value is True
    was, now = _ages(old), _ages(new)
    for tool, age in sorted(now.items()):
        if age > between + _CLOCKS_DIFFER or (not is_first and was.get(tool, 0.0) <= age):
            continue
        yield ProtectionChange(
            key=f"backup.age_days:{tool}",
            kind="backup",
            title=_("A backup was made") if not is_first else _("The first backup was made"),
            product=tool or _("Backup"),
            before=_("never") if is_first else i18n.quantity(was[tool], _("days"), 0),
            after=_("today"),
            reason="" if is_first else _("Backups also run by themselves."),
        )
        return


def _ages(found: Found) -> dict[str, float]:
    """Return how old the last backup of each tool is, days."""
    return {
        subject: float(r.value)
        for (reading_id, subject), r in found.items()
        if reading_id == "backup.age_days" and isinstance(r.value, (int, float))
    }
