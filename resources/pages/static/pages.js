// Speeds up triage; every page works without it. The keys stand in base.html and open with "?".
"use strict";
(() => {
  const rows = [...document.querySelectorAll("#triage tbody tr, tr[data-address]")];
  const boxes = rows.map((row) => row.querySelector("input[name=visit]"));
  let here = -1;

  const counter = document.getElementById("selected");
  const count = () => {
    if (!counter) return;
    const n = boxes.filter((box) => box && box.checked).length;
    counter.textContent = n === 1 ? counter.dataset.one : counter.dataset.many.replace("#", n);
  };
  boxes.forEach((box) => box && box.addEventListener("change", count));
  count();

  const all = document.getElementById("all");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); count(); });
  }

  const go = (step) => {
    if (!rows.length) return;
    if (here >= 0 && rows[here]) rows[here].classList.remove("here");
    here = Math.min(Math.max(here + step, 0), rows.length - 1);
    rows[here].classList.add("here");
    rows[here].querySelector("a.strong").focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
  };
  const click = (id) => { const held = document.getElementById(id); if (held) held.click(); return Boolean(held); };

  const list = {
    j: () => go(1),
    k: () => go(here < 0 ? 1 : -1),
    x: () => { if (here >= 0 && boxes[here]) { boxes[here].checked = !boxes[here].checked; count(); } },
    a: () => {
      if (here >= 0 && !boxes.some((box) => box && box.checked) && boxes[here]) {
        boxes[here].checked = true;
        document.querySelector("#triage input[name=row]").value = here;
      }
      if (boxes.some((box) => box && box.checked)) document.getElementById("triage").requestSubmit();
    },
    u: () => { const form = document.querySelector("form[data-gone-after]"); if (form && !form.hidden) form.requestSubmit(); },
    q: () => {
      const address = here >= 0 ? rows[here].querySelector("a.strong").getAttribute("href") : "";
      if (address.startsWith("/visits/")) location.assign(address + "&ask=1");
    },
  };
  const page = {
    j: () => click("next"),
    k: () => click("previous"),
    a: () => {
      const form = document.getElementById("approve");
      if (!form) return;
      const note = form.querySelector("textarea");
      if (note && !note.value) { note.focus(); return; }
      form.requestSubmit();
    },
    b: () => { const form = document.getElementById("book"); if (form) form.requestSubmit(); },
    c: () => {
      const box = document.getElementById("comment");
      if (!box) return;
      box.closest("details").open = true;
      box.focus();
    },
    q: () => {
      const summary = document.getElementById("ask");
      if (!summary) return;
      summary.parentElement.open = true;
      summary.parentElement.querySelector("textarea").focus();
    },
  };
  const keys = rows.length || document.getElementById("triage") ? list : page;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    if (typing) { if (event.key === "Escape") event.target.blur(); return; }
    const dialog = document.getElementById("keys");
    if (dialog && dialog.open) return;
    if (event.key === "?" && dialog) { event.preventDefault(); dialog.showModal(); return; }
    if (event.key === "/") { const box = document.getElementById("search"); if (box) { event.preventDefault(); box.focus(); } return; }
    const act = keys[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  });

  // On a phone the places scroll sideways: the one shown is in sight.
  const place = document.querySelector(".top nav a[aria-current]");
  if (place) place.parentElement.scrollLeft = place.offsetLeft - 16;

  // A menu closes when something else is clicked or Escape is pressed.
  const menus = [...document.querySelectorAll("details.chip-menu, details.me")];
  document.addEventListener("click", (event) => menus.forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; }));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") menus.forEach((menu) => { if (menu.open) { menu.open = false; menu.querySelector("summary").focus(); } }); });

  // On a narrow screen the filters are folded behind their button; Escape folds them again.
  const fold = document.querySelector("details.fold");
  if (fold) {
    const narrow = matchMedia("(max-width: 900px)");
    const fit = () => { fold.open = !narrow.matches; };
    fit();
    narrow.addEventListener("change", fit);
    fold.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !narrow.matches || fold.querySelector("details[open]")) return;
      fold.open = false;
      fold.querySelector("summary").focus();
    });
  }

  if (new URLSearchParams(location.search).get("ask") === "1") page.q();

  const close = document.getElementById("keys-close");
  if (close) close.addEventListener("click", () => document.getElementById("keys").close());

  // After one visit was approved by its key the next one is in hand.
  const triage = document.getElementById("triage");
  if (triage && triage.dataset.row) { here = Math.min(Number(triage.dataset.row), rows.length) - 1; go(1); }

  const passing = document.querySelector("form[data-gone-after]");
  if (passing) setTimeout(() => { passing.hidden = true; }, 1000 * Number(passing.dataset.goneAfter));
})();
