"""Pictures of what stands around a visit: templates and plans, times, budgets to be changed, the way back from the customer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shots.camera import Camera, series, unlock
from shots.desk import photo
from techkit.i18n import _
from techkit.records.assets import Product
from techkit.records.budget import CostCentre
from techkit.records.identity import new_id
from techkit.records.templates import VisitTemplate
from techkit.records.visit import PlannedSupply, Visit
from techkit.ui.widgets.cost_shares import SharesCard
from techkit.ui.widgets.files import FilesCard


def take(out: Path) -> Iterator[Path]:
    """Go through them in each language and yield the pictures."""
    yield from series(out, play)


def play(camera: Camera) -> None:
    """Begin with a template, see the plan beside the work."""
    session = unlock(camera)
    camera.wait(lambda: len(session.today.state.next_visits) == 3)
    _play_templates(camera, session)


def _play_templates(camera: Camera, session: Any) -> None:
    session.new_visit()
    camera.wait(lambda: session.home.passing is not None)
    camera.settle(0.5)
    session.home.passing.new_visit.choose_template("shipped:slow")
    camera.settle(0.3)
    camera.take("30-new-visit-template")
    _play_cost_centres(camera, session)
    visit = session.visit
    visit.ending.open("nobody")
    camera.settle(0.3)
    camera.take("33-nobody-there")
    visit.ending.cancel()
    visit.need.confirm()
    camera.wait(lambda: visit.state.current == "check")
    session.places.open_templates()
    templates = session.places.templates
    camera.wait(lambda: not templates.state.is_loading)
    own = VisitTemplate(
        id=new_id(),
        title="Notebook of a photographer",
        purpose="It takes minutes to start.",
        points=("Room on the disk for a wedding", "Colours of the screen", "Second backup at another place"),
        planned_kinds=("troubleshooting", "maintenance", "training"),
        supplies=(PlannedSupply(name="External disk, 4 TB", unit_price_minor=11900),),
        expected_minutes=75,
    )
    session.surroundings.store.save(own)
    camera.wait(lambda: any(row.is_own for row in templates.state.rows))
    templates.use(own.id)
    camera.settle(0.3)
    camera.take("31-templates")
    templates.edit(own.id)
    camera.settle(0.3)
    camera.take("31-template-form")
    templates.cancel()
    session.open_visit(visit.state.visit_id)
    visit.go("work")
    camera.settle(0.5)
    visit.work.do_planned("0")
    camera.settle(0.3)
    camera.take("32-plan")
    _play_catalogue(camera, session, visit)
    _play_photo(camera, visit)
    _play_times(camera, visit)
    _play_taken_over(camera, visit)
    _play_hand_back(camera, session, visit)


def _play_cost_centres(camera: Camera, session: Any) -> None:
    """Open a visit of a customer with two cost centres, whose shares do not add up yet."""
    planned = session.surroundings.store.get(Visit, session.today.state.next_visits[0].visit_id)
    centres = (
        ("LDG-FRONT", "Reception"),
        ("LDG-SURG", "Surgery, sterilisation and the laboratory on the second floor"),
    )
    session.surroundings.store.save(
        *(
            CostCentre(id=new_id(), customer_id=planned.customer_id, code=code, name=name)
            for code, name in centres
        )
    )
    session.open_visit(planned.id)
    camera.wait(lambda: session.visit is not None and session.visit.state.steps)
    visit = session.visit
    front, surgery = (share.cost_centre_id for share in visit.need.state.shares)
    visit.need.set_share(front, "60")
    visit.need.set_share(surgery, "30")
    camera.settle(0.3)
    card = camera.program.shell.findChild(SharesCard)
    assert card is not None
    card.focus_share(surgery)
    camera.settle(0.3)
    camera.take("37-cost-centres")
    visit.need.set_share(surgery, "40")
    more = ("Laboratory", "X-ray", "Hygiene", "Orthodontics", "Accounts", "Stores", "Training", "Surgery 2")
    session.surroundings.store.save(
        *(
            CostCentre(id=new_id(), customer_id=planned.customer_id, code=f"LDG-{n:02}", name=name)
            for n, name in enumerate(more, 1)
        )
    )
    visit.held.load()
    camera.wait(lambda: visit.need.state.other_centres is not None)
    visit.need.cost_shares.find("surgery")
    card.focus_others()
    camera.settle(0.3)
    camera.take("38-a-dozen-cost-centres")
    visit.need.cost_shares.find("")


def _play_catalogue(camera: Camera, session: Any, visit: Any) -> None:
    """Look for a product of the office's catalogue, and take it."""
    session.surroundings.store.save(
        Product(id=new_id(), name="Network cable Cat 6, blue", number="NK-0600", unit="m", price_minor=80),
        *(
            Product(
                id=new_id(),
                name=f"Toner black {n}",
                number=f"T-{n:04}",
                price_minor=4900 + n,
                vendor="Tintwell",
            )
            for n in range(1, 12)
        ),
    )
    visit.held.load()
    camera.wait(lambda: len(visit.held.known.products) == 12)
    visit.work.choose_kind("supply_use")
    visit.work.catalogue.type("toner")
    camera.settle(0.3)
    camera.take("32-catalogue")
    visit.work.choose_product(visit.work.catalogue.state.rows[0].id)
    camera.settle(0.3)
    camera.take("32-catalogue-taken", only="")
    visit.work.close_form()


class _Webcam:
    """Two cameras that see a disk on a table, or one that is in use; the pictures are painted."""

    is_in_use = False

    def __init__(self, heard: Any) -> None:
        self._heard = heard
        self._data = base64.b64encode(photo()).decode()

    def ask(self, do: str, **_about: Any) -> None:
        """Answer as the camera's own process does."""
        if do == "cameras":
            found = [["/dev/video0", "Integrated camera"], ["/dev/video2", "Northwind document camera"]]
            self._heard({"what": "done", "of": do, "cameras": found})
        elif self.is_in_use:
            text = _("Another program is using the camera. Close it there.")
            self._heard({"what": "failed", "of": do, "text": text})
        elif do == "take":
            self._heard({"what": "photo", "media_type": "image/jpeg", "data": self._data})
        else:
            self._heard(
                {"what": "picture", "kind": "jpeg", "width": 1600, "height": 1200, "data": self._data}
            )

    def close(self) -> None:
        """End."""


def _play_photo(camera: Camera, visit: Any) -> None:
    """Take a photo by camera; then the camera is in use elsewhere."""
    webcam = visit.files.camera
    webcam._make_process = _Webcam
    webcam.open()
    camera.wait(lambda: webcam.state.is_live)
    camera.settle(0.3)
    camera.take("36-camera")
    webcam.take()
    camera.wait(lambda: webcam.state.is_taken)
    camera.settle(0.3)
    camera.take("36-camera-taken", only="")
    _Webcam.is_in_use = True
    webcam.again()
    camera.wait(lambda: webcam.state.trouble)
    camera.settle(0.3)
    camera.take("36-camera-in-use", only="")
    _Webcam.is_in_use = False
    webcam.close()
    _play_blacking(camera, visit)


def _play_blacking(camera: Camera, visit: Any) -> None:
    """Black out parts of a photo before anybody else sees it."""
    visit.files.add_bytes("type-plate.jpg", photo())
    camera.wait(lambda: visit.files.state.rows and not visit.files.state.progress)
    camera.settle(0.3)
    card = next(c for c in camera.program.shell.findChildren(FilesCard) if c.isVisible())
    card.black_out(visit.files.state.rows[-1].id)
    camera.wait(lambda: visit.files.blacking.state.picture)
    visit.files.blacking.mark(120, 130, 420, 260)
    visit.files.blacking.mark(560, 640, 880, 760)
    camera.settle(0.3)
    camera.take("37-blacking")
    visit.files.blacking.keep()
    camera.wait(lambda: not visit.files.blacking.state.file_id)
    camera.settle(0.5)
    camera.take("37-blacked-out", only="")


def _play_times(camera: Camera, visit: Any) -> None:
    visit.times.add_helper("Pavel Novotny")
    visit.times.toggle_outside("running")
    for kind, minutes in (("wait", "20"), ("work", "50")):
        visit.times.add(kind)
        visit.times.fill("minutes", minutes)
        visit.times.save()
    camera.settle(0.3)
    _show_times(camera)
    camera.take("34-times")
    visit.times.edit(visit.times.state.rows[0].id)
    camera.settle(0.3)
    _show_times(camera)
    camera.take("34-times-form", only="")


def _play_taken_over(camera: Camera, visit: Any) -> None:
    """See what a second device says of a visit that was begun on another one."""
    clock, visit.held.labour.running = visit.held.labour.running, None
    visit.held.changed()
    camera.settle(0.3)
    camera.take("38-no-clock-here")
    visit.held.labour.running = clock
    visit.held.changed()


def _show_times(camera: Camera) -> None:
    """Bring the card of the times to the top of the window."""
    from PySide6.QtCore import QPoint

    from techkit.ui.widgets.boxes import Scroll
    from techkit.ui.widgets.times import TimesCard

    card = next(c for c in camera.program.shell.findChildren(TimesCard) if c.isVisible())
    area = next(a for a in camera.program.shell.findChildren(Scroll) if a.isAncestorOf(card))
    area.verticalScrollBar().setValue(card.mapTo(area.body, QPoint()).y())
    camera.settle(0.2)


def _play_hand_back(camera: Camera, session: Any, visit: Any) -> None:
    """Sign, and ask for the PIN before anything else is shown."""
    session.settings.change("sign_off.hand_back", "pin")
    session.settings.change("sign_off.pin", "2580")
    visit.held.save(_without_after(visit.held.visit))
    visit.go("sign_off")
    camera.wait(lambda: visit.sign_off.state.pages and not visit.sign_off.state.is_rendering)
    visit.sign_off.hand_over()
    camera.wait(lambda: visit.sign_off.state.phase == "customer" and not visit.sign_off.state.is_rendering)
    visit.sign_off.choose_method("typed")
    camera.wait(lambda: visit.sign_off.state.may_agree)
    visit.sign_off.agree()
    camera.wait(lambda: visit.sign_off.state.phase == "signed" and visit.sign_off.state.pdf is not None)
    camera.settle(0.5)
    camera.take("35-signed-with-customer")
    visit.sign_off.take_back()
    session.hand_back.give("0000")
    camera.wait(lambda: session.hand_back.state.error)
    camera.settle(0.3)
    camera.take("35-hand-back")
    session.hand_back.give("2580")
    camera.wait(lambda: not visit.state.is_customer_view)
    _play_signed_pages(camera, visit)


def _play_signed_pages(camera: Camera, visit: Any) -> None:
    """Change something after the signature: the page that was signed stays, and says what the new one has more."""
    visit.work.choose_kind("supply_use")
    for name, text in (("name", "Adapter"), ("unit_price_minor", "12")):
        visit.work.fill(name, text)
    visit.work.add_entry()
    visit.act_on_notice("void")
    visit.go("sign_off")
    camera.wait(lambda: visit.sign_off.state.pages and not visit.sign_off.state.is_rendering)
    camera.wait(lambda: len(visit.signed_pages.state.rows) == 2)
    camera.settle(0.5)
    _scroll_to_signed(camera)
    camera.take("36-signed-pages")
    visit.signed_pages.show(visit.signed_pages.state.rows[1].id)
    camera.wait(lambda: visit.signed_pages.state.pages)
    camera.settle(0.8)
    camera.take("36-signed-page")
    visit.signed_pages.leave()


def _scroll_to_signed(camera: Camera) -> None:
    """Bring the card of the signed pages into sight."""
    from techkit.ui.widgets.focus import bring_into_sight
    from techkit.ui.widgets.signed_pages import SignedPagesCard

    bring_into_sight(next(c for c in camera.program.shell.findChildren(SignedPagesCard) if c.isVisible()))
    camera.settle(0.2)


def _without_after(visit: Any) -> Any:
    from techkit.records.schema import replace
    from techkit.records.visit import Outcome

    return replace(visit, no_after_run_reason="No time today", outcome=Outcome.PARTLY)
