"""Every address of the service.

Whether an address may be asked without a session is decided in doors.py alone; here nothing is
public. The device's side (/api/v1/…) is signed by its key and answers for itself.
"""

from __future__ import annotations

from django.urls import path

from techkit.central import attachments, enrol, rounds, throughput
from techkit.central.pages import (
    account,
    budgets,
    devices,
    downloads,
    figures,
    health,
    overview,
    people,
    products,
    sign_in,
    visit,
    visit_files,
    visits,
)

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("sign-in", sign_in.sign_in),
    path("sign-in/code", sign_in.code),
    path("sign-out", sign_in.sign_out),
    path("password", sign_in.password),
    path("account", account.account),
    path("account/language", account.language),
    path("account/second-factor", account.begin),
    path("account/second-factor/on", account.confirm),
    path("account/second-factor/off", account.switch_off),
    path("", overview.start),
    path("overview", overview.overview),
    path("figures", figures.month),
    path("visits", visits.visits),
    path("visits/approve", visits.bulk),
    path("visits/undo", visits.undo),
    path("visits/book-all", visits.book_all),
    path("visits/save-view", visits.save_view),
    path("visits/views/<int:view_id>", visits.change_view),
    path("visits/<uuid:visit_id>", visit.visit),
    path("visits/<uuid:visit_id>/approve", visit.approve),
    path("visits/<uuid:visit_id>/ask", visit.ask),
    path("visits/<uuid:visit_id>/settle", visit.settle),
    path("visits/<uuid:visit_id>/comment", visit.comment),
    path("visits/<uuid:visit_id>/decide", visit.decide),
    path("visits/<uuid:visit_id>/conflict", visit.conflict),
    path("visits/<uuid:visit_id>/book", visit.book),
    path("visits/<uuid:visit_id>/summary.pdf", visit.paper),
    path("visits/<uuid:visit_id>/files/<uuid:file_id>", visit_files.file),
    path("visits/export", downloads.visits),
    path("budgets", budgets.overview),
    path("budgets/add-centre", budgets.add_centre),
    path("budgets/approve", budgets.approve),
    path("budgets/months", budgets.months),
    path("budgets/proposals/<uuid:proposal_id>", budgets.answer),
    path("budgets/<uuid:budget_id>", budgets.budget),
    path("budgets/<uuid:budget_id>/change", budgets.change),
    path("budgets/<uuid:budget_id>/export", downloads.budget),
    path("customers/<uuid:customer_id>/export", downloads.customer),
    path("products", products.catalogue),
    path("products/add", products.add),
    path("products/<uuid:product_id>", products.product),
    path("products/<uuid:product_id>/change", products.change),
    path("people", people.people),
    path("people/add", people.add),
    path("people/<uuid:staff_id>/reset", people.reset),
    path("people/<uuid:staff_id>/close", people.close),
    path("people/<uuid:staff_id>/take-factor", people.take_factor),
    path("devices", devices.devices),
    path("devices/invite", devices.invite),
    path("devices/package", devices.package),
    path("devices/<uuid:device_id>", devices.device),
    path("devices/<uuid:device_id>/assign", devices.assign),
    path("devices/<uuid:device_id>/take-back", devices.take_back),
    path("devices/<uuid:device_id>/jobs", devices.jobs),
    path("devices/<uuid:device_id>/refuse", devices.refuse),
    path("api/v1/enrol", enrol.enrol),
    path("api/v1/device/rotate", enrol.rotate),
    path("api/v1/sync", rounds.sync),
    path("api/v1/attachments", attachments.announce),
    path("api/v1/attachments/<str:sha256>", attachments.blob),
    path("api/v1/throughput", throughput.begin),
    path("api/v1/throughput/<str:ticket>", throughput.end),
    path("api/v1/throughput/<str:ticket>/<str:way>/<int:count>", throughput.piece),
]

handler404 = "techkit.central.pages.trouble.not_found"
handler500 = "techkit.central.pages.trouble.at_fault"
