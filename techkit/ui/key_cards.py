"""What opens the data, changed from the settings: the passphrase and the recovery sheet, each with its card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from techkit.ui.presenters.passphrase_change import PassphraseChange
from techkit.ui.presenters.recovery_sheet import RecoverySheet

if TYPE_CHECKING:
    from techkit.credentials.slots import Limits
    from techkit.store.database import Store
    from techkit.ui.presenters.lanes import Lanes
    from techkit.ui.widgets.passphrase_change import PassphraseCard
    from techkit.ui.widgets.recovery_sheet import RecoverySheetCard
    from techkit.ui.widgets.shell import Shell


class KeyCards:
    """The presenters of an open store's keys; a card is there once it is asked for.

    limits: of the vault's key derivation, unless a test says otherwise.
    """

    def __init__(
        self,
        shell: Shell,
        lanes: Lanes,
        folder: Path,
        store: Store,
        *,
        is_portable: bool,
        limits: Limits | None = None,
    ) -> None:
        device = store.device
        self._shell = shell
        self.recovery = RecoverySheet(
            lanes, folder, technician=device.technician, device=device.prefix, limits=limits
        )
        self.passphrase = PassphraseChange(lanes, folder, is_portable=is_portable, limits=limits)
        self._cards: dict[str, RecoverySheetCard | PassphraseCard] = {}
        self._ends = (
            self.recovery.changed.subscribe(self._show_recovery),
            self.passphrase.changed.subscribe(self._show_passphrase),
        )

    def close(self) -> None:
        """Take the cards away."""
        for end in self._ends:
            end()
        for card in self._cards.values():
            card.release()
            card.hide()
            card.setParent(None)
            self._shell.remove_layer(card)
            card.deleteLater()
        self._cards = {}

    def _show_recovery(self) -> None:
        if "recovery" not in self._cards and self.recovery.state.step != "rest":
            from techkit.ui.widgets.recovery_sheet import RecoverySheetCard

            self._add("recovery", RecoverySheetCard(self.recovery))

    def _show_passphrase(self) -> None:
        if "passphrase" not in self._cards and self.passphrase.state.is_asking:
            from techkit.ui.widgets.passphrase_change import PassphraseCard

            self._add("passphrase", PassphraseCard(self.passphrase))

    def _add(self, name: str, card: RecoverySheetCard | PassphraseCard) -> None:
        self._cards[name] = card
        self._shell.add_layer(card)
        card.render_state()
