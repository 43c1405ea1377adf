"""Photos and files of a visit: drawn anew, worded, on the page or not; hostile ones answered in a sentence."""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader
from PySide6.QtGui import QColorSpace

from techkit.records.flags import flags
from techkit.records.identity import new_id
from techkit.records.pictures import is_plain_photo, photo_size, tells_place
from techkit.records.review import Query
from techkit.records.visit import Attachment
from techkit.ui import photo_reading
from techkit.ui import photos as drawing
from techkit.ui.presenters import files as files_module
from techkit.ui.presenters.files import Files
from techkit.ui.presenters.lanes import Ticket
from techkit.ui.presenters.photo_room import PhotoRoom
from techkit.ui.presenters.visit import Visit
from tests import photos
from tests.scenarios.conftest import Device
from tests.ui.conftest import sign


@pytest.fixture
def files(checked: Visit) -> Files:
    return checked.files


def kept(device: Device, visit: Visit) -> tuple[Attachment, ...]:
    return device.store.bundle(visit.held.visit_id).attachments


class TestPhotos:
    def test_a_photo_is_scaled_upright_and_tells_nothing_else(
        self, device: Device, checked: Visit, files: Files, tmp_path: Path
    ):
        """A photo lying on its side with place and owner is kept upright, smaller, with the picture alone."""
        path = tmp_path / "IMG_2231.jpg"
        path.write_bytes(photos.photo(3000, 2000, has_place=True, turned=6))
        files.add([path])
        (attachment,) = kept(device, checked)
        data = device.store.attachment(attachment.sha256)
        assert photo_size(data) == (1365, 2048)
        assert is_plain_photo(data)
        assert not tells_place(data)
        assert b"Odalys" not in data
        corner = Image.open(io.BytesIO(data)).getpixel((1300, 40))  # upper left goes to the right when turned
        assert isinstance(corner, tuple)
        assert corner[0] > 200 > corner[1]
        assert (attachment.media_type, attachment.purpose, attachment.name) == (
            "image/jpeg", "photo", "IMG_2231.jpg",
        )  # fmt: skip
        assert attachment.byte_count == len(data)
        (row,) = files.state.rows
        assert photo_size(row.small) == (159, 240)
        assert row.may_show
        assert files.state.progress == ""

    @pytest.mark.parametrize("form", ["HEIC", "AVIF", "TIFF"])
    def test_photos_of_phones_and_scanners_are_drawn_too(
        self, device: Device, checked: Visit, files: Files, form: str
    ):
        """Kept as JPEG, upright, with a preview; place and owner are gone, and half of one is kept as it is."""
        whole = photos.phone_photo(form)
        assert tells_place(whole) or form == "TIFF"  # Pillow writes no place into it
        files.add_bytes(f"IMG_2231.{form}", whole)
        files.add_bytes(f"half.{form}", whole[: len(whole) // 2])
        first, second = kept(device, checked)
        data = device.store.attachment(first.sha256)
        assert (first.media_type, first.has_preview, first.tells_place) == ("image/jpeg", True, False)
        assert photo_size(data) == (480, 640)
        assert is_plain_photo(data)
        corner = Image.open(io.BytesIO(data)).getpixel((440, 40))
        assert isinstance(corner, tuple)
        assert corner[0] > 200 > corner[1]
        assert not second.has_preview
        assert device.store.attachment(second.sha256) == whole[: len(whole) // 2]

    def test_a_photo_that_crashes_its_reader_takes_only_the_room_along(self):
        """The process that draws is gone with it; the next photo is drawn by another one."""
        crafted = (Path(photos.__file__).parent / "captures" / "crafted.heic").read_bytes()
        with PhotoRoom() as room:
            assert room.drawn(crafted, "image/heic", 512) is None
            assert room.drawn(photos.phone_photo("HEIC"), "image/heic", 512) is not None

    def test_colours_of_a_wide_range_are_shown_as_they_are(self, files: Files):
        """A phone's full red is stronger than a screen's; taken for the screen's it would look pale."""
        wide = QColorSpace(QColorSpace.NamedColorSpace.DisplayP3).iccProfile().data()
        pale = Image.new("RGB", (64, 48), (200, 60, 60))
        seen = {}
        for form in ("JPEG", "AVIF", "TIFF"):
            out = io.BytesIO()
            pale.save(out, form, icc_profile=wide)
            made = drawing.drawn(out.getvalue(), f"image/{form.casefold()}", 2000)
            assert made is not None
            seen[form] = Image.open(io.BytesIO(made)).getpixel((30, 20))
        assert all(red > 210 and green < 52 for red, green, _blue in seen.values()), seen

    def test_a_scan_of_several_pages_is_kept_as_it_is(self, device: Device, checked: Visit, files: Files):
        """Drawn anew it would be its first page only."""
        scan = photos.moving("TIFF")
        files.add_bytes("scan.tif", scan)
        (attachment,) = kept(device, checked)
        assert (device.store.attachment(attachment.sha256), attachment.has_preview) == (scan, False)

    def test_captions_and_the_customers_page(self, device: Device, checked: Visit, files: Files):
        """A photo shown to the customer stands on the paper with its caption, the others do not."""
        files.add_bytes("plate.png", photos.photo(form="PNG"))
        files.add_bytes("inside.jpg", photos.photo(colour="grey"))
        plate, inside = (row.id for row in files.state.rows)
        files.set_caption(plate, "The new label printer")
        files.set_caption(inside, "Dust in the fan")
        files.show(plate, True)
        assert files.state.line == "2 files, 1 on the customer’s page"
        sign(checked)
        assert checked.sign_off.state.pdf is not None
        reader = PdfReader(io.BytesIO(checked.sign_off.state.pdf))
        text = "".join(page.extract_text() for page in reader.pages)
        assert "The new label printer" in text
        assert "Dust in the fan" not in text
        drawn = [image for page in reader.pages for image in page.images]
        assert any(image.image is not None and image.image.size == (640, 480) for image in drawn)

    def test_a_photo_on_a_signed_page_asks_first(self, device: Device, checked: Visit, files: Files):
        """Showing another photo after signing would change the page: the signature's fate is asked."""
        files.add_bytes("a.jpg", photos.photo())
        sign(checked)
        files.show(files.state.rows[0].id, True)
        assert checked.state.notice is not None
        assert not kept(device, checked)[0].is_shown_to_customer
        checked.act_on_notice()
        assert kept(device, checked)[0].is_shown_to_customer
        assert device.store.bundle(checked.held.visit_id).valid_signature() is None

    def test_taken_out_and_brought_back(self, device: Device, checked: Visit, files: Files):
        """A photo taken out is gone from the visit and will not be sent; undo brings it back."""
        files.add_bytes("a.jpg", photos.photo())
        files.remove(files.state.rows[0].id)
        assert kept(device, checked) == ()
        assert device.store.attachments.unsent() == []
        checked.undo()
        assert len(kept(device, checked)) == 1
        assert len(device.store.attachments.unsent()) == 1
        assert files.state.rows[0].small

    def test_taken_out_a_photo_leaves_the_device_with_its_visit(
        self, device: Device, checked: Visit, files: Files
    ):
        """Undo brings it back as long as the visit is open, whatever sync does; behind that nothing of it is left."""
        files.add_bytes("a.jpg", photos.photo())
        (photo,) = kept(device, checked)
        files.remove(photo.id)
        assert device.store.attachments.discard_removed() == 0
        checked.undo()
        assert device.store.attachment(photo.sha256)
        files.remove(photo.id)
        checked.close()
        assert device.store.attachments.find(photo.sha256) is None
        assert not any(path.is_file() for path in (device.store.folder / "attachments").rglob("*"))

    def test_small_pictures_come_back_with_the_visit(self, device: Device, checked: Visit, files: Files):
        """After a restart a photo shows its small picture again."""
        files.add_bytes("a.jpg", photos.photo())
        device.start_again()
        again = device.open(checked.held.visit_id)
        assert photo_size(again.files.state.rows[0].small) == (240, 180)

    def test_consent_to_photos_is_asked_not_taken(self, device: Device, checked: Visit, files: Files):
        """Nobody has agreed to photos until somebody says so; it is kept with the customer."""
        assert not files.state.has_consent
        assert files.state.consent_line == "Baumann & Söhne agrees to photos"
        files.agree_to_photos(True)
        customer = device.store.bundle(checked.held.visit_id).customer
        assert customer is not None
        assert customer.has_photo_consent


def black_out(files: Files, place: int = 0) -> None:
    files.black_out(files.state.rows[place].id)
    files.blacking.mark(260, 260, 0, 0)
    files.blacking.keep()


def brightest_of(data: bytes, right: int, bottom: int) -> int:
    """Return the brightest part of what should be black, 0 to 255."""
    box = Image.open(io.BytesIO(data)).convert("L").crop((0, 0, right, bottom))
    brightest = box.getextrema()[1]
    assert isinstance(brightest, int)
    return brightest


class TestBlackingOut:
    def test_what_is_blacked_out_is_gone_from_the_photo_and_from_the_device(
        self, device: Device, checked: Visit, files: Files
    ):
        """The red corner goes: the photo that is kept and its small picture have it black; no bytes of it stay, none are sent."""
        files.add_bytes("plate.jpg", photos.photo())
        (before,) = kept(device, checked)
        files.set_caption(before.id, "The type plate")
        files.black_out(before.id)
        assert photo_size(files.blacking.state.picture) == (640, 480)
        files.blacking.mark(500, 500, 501, 900)  # a slip
        files.blacking.mark(260, 260, -5, 0)
        files.blacking.mark(900, 900, 1200, 1000)
        files.blacking.take_back()
        assert files.blacking.state.boxes == ((0, 0, 260, 260),)
        assert files.blacking.state.line == "1 place is blacked out."
        files.blacking.keep()
        (after,) = kept(device, checked)
        assert (after.caption, after.redaction_count) == ("The type plate", 1)
        assert (after.taken_at, after.phase) == (before.taken_at, before.phase)
        data = device.store.attachment(after.sha256)
        assert is_plain_photo(data)
        assert brightest_of(data, 160, 120) < 16
        assert Image.open(io.BytesIO(data)).convert("RGB").getpixel((400, 400)) == pytest.approx(
            (0, 128, 128), abs=8
        )
        assert brightest_of(files.state.rows[0].small, 56, 42) < 40
        assert files.state.rows[0].line.endswith("1 place blacked out")
        assert device.store.attachments.find(before.sha256) is None
        assert [f.sha256 for f in device.store.attachments.unsent()] == [after.sha256]

    def test_no_undo_brings_it_back(self, device: Device, checked: Visit, files: Files):
        """Undo goes past it: neither its taking over nor its caption comes back as it was."""
        files.add_bytes("plate.jpg", photos.photo())
        files.set_caption(files.state.rows[0].id, "Plate")
        black_out(files)
        (after,) = kept(device, checked)
        while checked.held.back.word:
            checked.undo()
        assert kept(device, checked) == (after,)

    def test_a_receipt_stays_the_receipt_of_its_expense(self, device: Device, checked: Visit, files: Files):
        """An expense names the photo that took the place of its receipt."""
        checked.work.choose_kind("expense")
        checked.work.fill("amount_minor", "25")
        checked.work.add_entry()
        files.add_bytes("till.jpg", photos.photo(), checked.held.bundle.expenses[0].id)
        black_out(files)
        bundle = device.store.bundle(checked.held.visit_id)
        assert bundle.expenses[0].receipt_id == bundle.attachments[0].id
        assert "expense_without_receipt" not in {f.rule for f in flags(bundle)}

    def test_the_same_photo_taken_twice_is_blacked_out_once(
        self, device: Device, checked: Visit, files: Files
    ):
        """The same bytes are kept once: blacking one out does not take the other's."""
        for name in ("one.jpg", "two.jpg"):
            files.add_bytes(name, photos.photo())
        black_out(files)
        other = next(a for a in kept(device, checked) if not a.redaction_count)
        assert photo_size(device.store.attachment(other.sha256)) == (640, 480)

    def test_a_sheet_left_while_the_photo_is_drawn_leaves_both_photos(
        self, device: Device, checked: Visit, files: Files, monkeypatch: pytest.MonkeyPatch
    ):
        """Left before it was drawn anew, the photo stays; the one that was opened meanwhile is not replaced by it."""
        files.add_bytes("plate.jpg", photos.photo())
        files.add_bytes("face.jpg", photos.photo(colour="grey"))
        before = kept(device, checked)
        files.black_out(before[0].id)
        files.blacking.mark(0, 0, 500, 500)
        drawing_on: list[Callable[[], None]] = []
        lanes = files.held.around.lanes

        def later(work: Any, done: Any = None, failed: Any = None, progress: Any = None) -> Ticket:
            drawing_on.append(lambda: free(work, done, failed, progress) and None)
            return ran

        free, ran = lanes.free, lanes.soon(lambda: None)
        with monkeypatch.context() as slow:
            slow.setattr(lanes, "free", later)
            files.blacking.keep()
        files.blacking.close()
        files.black_out(before[1].id)
        for go_on in drawing_on:
            go_on()
        assert kept(device, checked) == before
        assert files.blacking.state.file_id == before[1].id
        for held in before:
            assert device.store.attachment(held.sha256)

    def test_a_signed_page_is_opened_first(self, checked: Visit, files: Files):
        """On a signed page nothing is blacked out behind the customer's back."""
        files.add_bytes("a.jpg", photos.photo())
        sign(checked)
        assert not files.state.rows[0].may_black
        files.black_out(files.state.rows[0].id)
        assert files.blacking.state.file_id == ""


def test_a_photo_says_when_in_the_visit_it_was_taken(device: Device, checked: Visit, files: Files):
    """Nothing recorded: before. An entry: during. An outcome: after. A person may say otherwise; a document says nothing."""
    files.add_bytes("a.jpg", photos.photo())
    files.add_bytes("b.txt", b"serial numbers")
    checked.work.choose_kind("maintenance")
    checked.work.fill("title", "Fan cleaned")
    checked.work.add_entry()
    files.add_bytes("c.jpg", photos.photo(colour="grey"))
    checked.go("after")
    checked.after.choose_outcome("resolved")
    files.add_bytes("d.jpg", photos.photo(colour="navy"))
    assert [a.phase for a in kept(device, checked)] == ["before", "", "during", "after"]
    files.say_phase(files.state.rows[2].id, "before")
    files.say_phase(files.state.rows[2].id, "some day")
    chosen = [(c.value, c.is_chosen) for c in files.state.rows[2].phases]
    assert chosen == [("before", True), ("during", False), ("after", False)]


class TestReceipts:
    def test_expense_gets_its_receipt(self, device: Device, checked: Visit, files: Files):
        """An expense above the limit is flagged until its receipt is attached."""
        work = checked.work
        work.choose_kind("expense")
        work.fill("amount_minor", "62.00")
        work.fill("note", "Car park")
        work.add_entry()
        (expense,) = device.store.bundle(checked.held.visit_id).expenses
        assert expense.amount_minor == 6200
        checked.go("sign_off")
        assert any("receipt" in f.sentence for f in checked.sign_off.state.flags)
        files.add_bytes("ticket.png", photos.photo(form="PNG"), expense_id=expense.id)
        bundle = device.store.bundle(checked.held.visit_id)
        assert bundle.expenses[0].receipt_id == bundle.attachments[0].id
        assert bundle.attachments[0].purpose == "receipt"
        assert not files.state.rows[0].may_show
        assert not any("receipt" in f.sentence for f in checked.sign_off.state.flags)

    def test_the_office_asks_for_a_receipt(self, device: Device, checked: Visit, files: Files):
        """A submitted visit takes no file, unless the office asked something; then a new revision begins."""
        sign(checked)
        checked.sign_off.finish()
        files.add_bytes("late.jpg", photos.photo())
        assert not files.state.may_add
        assert [a.purpose for a in kept(device, checked)] == ["summary"]
        checked.held.take_along(
            Query(id=new_id(), visit_id=checked.held.visit_id, question="The receipt?", state="open")
        )
        checked.held.changed()
        assert files.state.may_add
        files.add_bytes("late.jpg", photos.photo())
        checked.act_on_notice()
        assert {a.purpose for a in kept(device, checked)} == {"summary", "photo"}
        assert checked.held.visit.revision == 2


class TestHostileFiles:
    """BAD-INPUTS E: each file answered in one sentence or kept as it is, and the next one taken."""

    def test_bad_input_e53_empty(self, device: Device, checked: Visit, files: Files, tmp_path: Path):
        """A file of no bytes is refused by name, the one behind it taken."""
        (tmp_path / "empty.jpg").write_bytes(b"")
        (tmp_path / "good.jpg").write_bytes(photos.photo())
        files.add([tmp_path / "empty.jpg", tmp_path / "good.jpg"])
        assert files.state.troubles == ("empty.jpg: This file is empty. Choose another one.",)
        assert [a.name for a in kept(device, checked)] == ["good.jpg"]
        files.dismiss()
        assert files.state.troubles == ()

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "PDF"])
    def test_bad_input_e54_truncated(self, device: Device, checked: Visit, files: Files, form: str):
        """Half a photo is kept byte for byte, says that it has no preview, and never gets onto the page."""
        half = photos.photo(form=form)[:700]
        files.add_bytes(f"half.{form.casefold()}", half)
        (attachment,) = kept(device, checked)
        assert device.store.attachment(attachment.sha256) == half
        assert not attachment.has_preview
        (row,) = files.state.rows
        if form != "PDF":
            assert row.note == "No preview is possible; the file is kept as it is."
        files.show(row.id, True)
        assert not kept(device, checked)[0].is_shown_to_customer

    def test_bad_input_e54_truncated_behind_its_small_picture(
        self, device: Device, checked: Visit, files: Files
    ):
        """A phone's photo has a small one in its notes; that one being whole does not make the photo whole."""
        small, whole = photos.photo(160, 120), photos.photo(1600, 1200)
        note = b"Exif\x00\x00" + small
        phone = whole[:2] + b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note + whole[2:]
        files.add_bytes("whole.jpg", phone)
        files.add_bytes("half.jpg", phone[: len(phone) // 2])
        first, second = kept(device, checked)
        assert (first.has_preview, second.has_preview) == (True, False)
        assert device.store.attachment(second.sha256) == phone[: len(phone) // 2]

    @pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
    def test_a_picture_that_moves_is_kept_as_it_is(
        self, device: Device, checked: Visit, files: Files, form: str
    ):
        """Drawn anew it would be its first picture only; nothing of a recorded screen is lost."""
        moving = photos.moving(form)
        files.add_bytes(f"screen.{form.casefold()}", moving)
        (attachment,) = kept(device, checked)
        assert device.store.attachment(attachment.sha256) == moving
        assert files.state.rows[0].note == "No preview is possible; the file is kept as it is."

    def test_bad_input_e55_bomb(self, device: Device, checked: Visit, files: Files):
        """A small file that unpacks to 900 million pixels is not drawn; it is kept as a file."""
        bomb = photos.bomb()
        assert len(bomb) < 2_000_000
        files.add_bytes("tiny.png", bomb)
        (attachment,) = kept(device, checked)
        assert (attachment.has_preview, attachment.byte_count) == (False, len(bomb))
        files.add_bytes("next.jpg", photos.photo())
        assert kept(device, checked)[1].has_preview

    def test_bad_input_e55_more_points_than_are_drawn(self, monkeypatch: pytest.MonkeyPatch):
        """A picture of more points than the limit is not drawn, however little memory it would take."""
        data = photos.photo(64, 48)
        assert drawing.drawn(data, "image/jpeg", 2000) is not None
        monkeypatch.setattr(photo_reading, "MOST_PIXELS", 64 * 48 - 1)
        assert drawing.drawn(data, "image/jpeg", 2000) is None
        assert drawing.drawn(photos.photo(64, 48, form="AVIF"), "image/avif", 2000) is None

    def test_bad_input_e56_too_large(
        self, device: Device, checked: Visit, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """A film of 4 GB is refused by its size alone, before a byte of it is read."""
        film = tmp_path / "film.mp4"
        with film.open("wb") as file:
            file.truncate(4 * 2**30)
        read: list[int] = []
        monkeypatch.setattr(files_module.os, "read", lambda _handle, count: read.append(count))
        files.add([film])
        (trouble,) = files.state.troubles
        assert trouble.startswith("film.mp4: This file has 4.3\u00a0GB; at most 100\u00a0MB can be kept.")
        assert read == []
        assert kept(device, checked) == ()

    def test_bad_input_e56_no_room(
        self, device: Device, checked: Visit, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """Without room for the file the copy does not begin."""
        path = tmp_path / "a.jpg"
        path.write_bytes(photos.photo())

        class Usage:
            free = 1000

        monkeypatch.setattr(files_module.shutil, "disk_usage", lambda _folder: Usage)
        files.add([path])
        said = (
            "a.jpg: There is no room for this file on this device. The visit itself is saved. "
            "Make room, then choose the file again."
        )
        assert files.state.troubles == (said,)

    def test_bad_input_e56_many_at_once(self, device: Device, checked: Visit, files: Files, tmp_path: Path):
        """Sixty photos at once come one after the other, with their number told; stopping keeps the first."""
        data = photos.photo(64, 48)
        paths = []
        for number in range(60):
            path = tmp_path / f"{number:03d}.jpg"
            path.write_bytes(data)
            paths.append(path)
        told: list[str] = []

        def look() -> None:
            told.append(files.state.progress)
            if files.state.progress == "Taking 21 of 60":
                files.stop()

        files.changed.subscribe(look)
        files.add(paths)
        assert "Taking 1 of 60" in told
        assert len(kept(device, checked)) in (20, 21)
        assert files.state.progress == ""
        assert device.store.attachments.unsent()[0].byte_count > 0

    @pytest.mark.parametrize("name", list(photos.LIARS))
    def test_bad_input_e57_liars(self, device: Device, checked: Visit, files: Files, name: str):
        """What a file is comes from its bytes; nothing but a drawn photo is ever a picture."""
        files.add_bytes(name, photos.LIARS[name])
        (attachment,) = kept(device, checked)
        assert attachment.media_type != "image/jpeg"
        assert not attachment.has_preview
        assert device.store.attachment(attachment.sha256) == photos.LIARS[name]

    def test_bad_input_e58_place_that_cannot_be_taken_away(
        self, device: Device, checked: Visit, files: Files
    ):
        """Half a photo that says where it was taken is kept untouched; technician and office are told."""
        data = photos.photo(2000, 1500, has_place=True)
        files.add_bytes("half.jpg", data[: data.find(b"\xff\xda") + 40])
        (attachment,) = kept(device, checked)
        assert attachment.tells_place
        assert "where it was taken" in files.state.rows[0].note
        checked.go("sign_off")
        assert any("says where it was taken" in f.sentence for f in checked.sign_off.state.flags)

    @pytest.mark.parametrize(
        ("name", "label"),
        [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\x.jpg", "x.jpg"),
            ("C:\\Users\\x.jpg", "x.jpg"),
            ("\\\\server\\share\\x.jpg", "x.jpg"),
            ("%2e%2e/x.jpg", "x.jpg"),
            ("a\x00b.jpg", "ab.jpg"),
            ("photo.jpg:ads", "photo.jpg:ads"),
            ("-rf", "-rf"),
            ("x" * 4096, "x" * 200),
            ("bad\ud800name.jpg", "bad\ufffdname.jpg"),
        ],
    )
    def test_bad_input_e59_names(
        self, device: Device, checked: Visit, files: Files, tmp_path: Path, name: str, label: str
    ):
        """A name is a label and nothing else: no file of that name appears anywhere."""
        before = {p.name for p in device.folder.rglob("*")}
        files.add_bytes(name, photos.photo())
        (attachment,) = kept(device, checked)
        assert attachment.name == label
        new = {p.name for p in device.folder.rglob("*")} - before
        assert all(set(n) <= set("0123456789abcdef") or n == "attachments" for n in new), new

    def test_bad_input_e59_a_pipe_and_a_folder(
        self, device: Device, checked: Visit, files: Files, tmp_path: Path
    ):
        """A pipe or a folder named like a photo is no file; nothing waits for it."""
        os.mkfifo(tmp_path / "pipe.jpg")
        (tmp_path / "folder.jpg").mkdir()
        files.add([tmp_path / "pipe.jpg", tmp_path / "folder.jpg"])
        assert kept(device, checked) == ()
        assert len(files.state.troubles) == 2

    def test_bad_input_e60_archives_are_not_unpacked(self, device: Device, checked: Visit, files: Files):
        """An archive is a file like any other: kept as it is, never opened."""
        import zlib

        bomb = b"\x1f\x8b" + zlib.compress(bytes(20_000_000))
        files.add_bytes("logs.gz", bomb)
        (attachment,) = kept(device, checked)
        assert attachment.media_type == "application/gzip"
        assert attachment.byte_count == len(bomb)

    def test_bad_input_e61_vanished(self, device: Device, checked: Visit, files: Files, tmp_path: Path):
        """A file that is gone by the time it is read is named; nothing half is kept."""
        files.add([tmp_path / "gone.jpg"])
        said = (
            "gone.jpg: This file cannot be read. Nothing of it was kept. "
            "Look whether it is still there and not open elsewhere."
        )
        assert files.state.troubles == (said,)
        assert kept(device, checked) == ()

    def test_bad_input_e61_grows_while_read(
        self, device: Device, checked: Visit, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """A file that grows past the limit while it is read is refused."""
        path = tmp_path / "log.txt"
        path.write_bytes(b"x" * 3000)
        real_stat = os.fstat

        def smaller(handle: int) -> os.stat_result:
            told = list(real_stat(handle))
            told[6] = 10
            return os.stat_result(told)

        monkeypatch.setattr(files_module, "MOST_BYTES", 2000)
        monkeypatch.setattr(files_module.os, "fstat", smaller)
        files.add([path])
        assert "at most 2\u00a0kB" in files.state.troubles[0]
        assert kept(device, checked) == ()

    def test_full_device_keeps_nothing_half(
        self, device: Device, checked: Visit, files: Files, monkeypatch: pytest.MonkeyPatch
    ):
        """When the device is full while a photo is written, it is said and the visit goes on."""
        from techkit.errors import StoreFullError

        def full(data: bytes, media_type: str) -> str:
            raise StoreFullError("The device is full.")

        monkeypatch.setattr(device.store, "attach", full)
        files.add_bytes("a.jpg", photos.photo())
        assert files.state.troubles[0].startswith("a.jpg: The device is full.")
        assert kept(device, checked) == ()


def test_a_page_without_photos_has_the_hash_it_had(device: Device, checked: Visit):
    """Photos that are not shown change nothing of what is signed."""
    from techkit.summary.document import build

    bundle = device.store.bundle(checked.held.visit_id)
    before = build(bundle).content_hash
    checked.files.add_bytes("a.jpg", photos.photo())
    bundle = device.store.bundle(checked.held.visit_id)
    assert build(bundle).content_hash == before
    shown = dataclasses.replace(bundle.attachments[0], is_shown_to_customer=True)
    assert build(dataclasses.replace(bundle, attachments=(shown,))).content_hash != before
