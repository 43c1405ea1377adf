"""Whose records this computer may show: everybody's on the technician's own, one customer's on a customer's."""

from __future__ import annotations

from techkit.i18n import _
from techkit.ui.presenters.lanes import Observable


class Sight:
    """What may be seen. customer_id: the one customer shown while not all may be; "" shows nobody."""

    def __init__(self, *, sees_all: bool) -> None:
        self.sees_all = sees_all
        self.customer_id = ""
        self.changed = Observable()

    def allow(self, *, sees_all: bool, customer_id: str) -> None:
        """Follow the passphrase typed once more, and the customer the computer or the open visit belongs to."""
        if (sees_all, customer_id) != (self.sees_all, self.customer_id):
            self.sees_all, self.customer_id = sees_all, customer_id
            self.changed()

    def may_see(self, customer_id: str) -> bool:
        """Return whether records of a customer may be shown."""
        return self.sees_all or (bool(customer_id) and customer_id == self.customer_id)

    @property
    def sentence(self) -> str:
        """Return what is said above a list that shows one customer only; "" where all are shown."""
        if self.sees_all:
            return ""
        if self.customer_id:
            return _("On this computer only its own customer is shown.")
        return _("This computer is not known yet, so no customer is shown on it.")
