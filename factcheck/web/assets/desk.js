"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const rows = () => all(".row");
  const current = () => document.activeElement && document.activeElement.closest(".row");
  let place = 0;

  function focusRow(row) {
    if (!row) return;
    place = rows().indexOf(row);
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const every = rows();
    if (!every.length) return false;
    const at = every.indexOf(current());
    focusRow(every[at < 0 ? (by > 0 ? 0 : every.length - 1) : Math.max(0, Math.min(every.length - 1, at + by))]);
    return true;
  }

  function say(text) {
    const line = one("#done");
    if (line) line.textContent = text;
  }

  function dismiss(row) {
    const dialog = one("#why");
    const act = one("input[name=act]", dialog);
    act.disabled = false;
    act.value = "dismiss:" + row.id;
    dialog.showModal();
    one(".reasons button", dialog).focus();
  }

  function close() {
    const dialog = one("#why");
    if (!dialog || !dialog.open) return;
    one("input[name=act]", dialog).disabled = true;
    dialog.close();
    focusRow(rows()[place]);
  }

  function open(id) {
    const panel = one("#" + id);
    if (!panel) return;
    if (panel.matches("details")) panel.open = true;
    const field = one(id === "dismiss" ? ".reasons button" : "textarea, input:not([type=hidden])", panel);
    if (field) field.focus();
    panel.scrollIntoView({ block: "nearest" });
  }

  function reason(number) {
    const scope = one("#why[open]") || (document.activeElement && document.activeElement.closest("#dismiss"));
    const button = scope && all(".reasons button", scope)[number - 1];
    if (button) button.click();
    return Boolean(button);
  }

  function press(key) {
    const scope = current() || (rows().length ? null : document);
    if (key === "j" || key === "k") {
      if (step(key === "j" ? 1 : -1)) return true;
    }
    if (key === "u") {
      const undo = one("#done [data-key=u]");
      if (undo) undo.click(); else say("There is nothing of yours to take back here.");
      return true;
    }
    if ("adc".includes(key) && rows().length && !scope) { step(1); return true; }
    const target = scope && one(`[data-key="${key}"]`, scope);
    if (!target) return false;
    target.click();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
      event.target.form.requestSubmit(one("button", event.target.form));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (event.target.matches("input, textarea, select")) event.target.blur();
      return;
    }
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    if (/^[1-9]$/.test(event.key) && reason(Number(event.key))) { event.preventDefault(); return; }
    if (one("#why[open]")) return;
    if (event.key === "?") {
      const keys = one("#keys");
      if (keys) { keys.open = !keys.open; one("summary", keys).focus(); event.preventDefault(); }
    } else if (event.key === "/") {
      const box = one("#narrow details");
      if (box) box.open = true;
      const field = one("input[type=search]");
      if (field) { field.focus(); event.preventDefault(); }
    } else if (event.key === "x" && current()) {
      const box = one("input[type=checkbox]", current());
      if (box) { box.checked = !box.checked; event.preventDefault(); }
    } else if (event.key === "Enter" && event.target.matches(".row")) {
      one("a.open", event.target).click();
    } else if (event.key.length === 1 && press(event.key)) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-dismiss], [data-open], [data-close], [data-copy]");
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (target.dataset.dismiss && one("#why")) {
      event.preventDefault();
      const row = target.closest(".row");
      place = rows().indexOf(row);
      dismiss(row);
    } else if (target.dataset.open) {
      event.preventDefault();
      open(target.dataset.open);
    } else if (target.matches("[data-close]")) {
      close();
    } else if (target.matches("[data-copy]")) {
      event.preventDefault();
      copy(target);
    }
  }, true);
  document.addEventListener("close", (event) => { if (event.target.id === "why") close(); }, true);
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest(".row");
    if (row) place = rows().indexOf(row);
  });

  function copy(link) {
    const kind = link.dataset.copy === "html" ? "text/html" : "text/plain";
    const text = fetch(link.href).then((response) => response.text());
    const copied = () => { one("#copied").textContent = "Copied."; };
    const shown = () => { location.href = link.href; };
    if (!navigator.clipboard || !navigator.clipboard.write) {  // over http on a network there is only the old way
      text.then((found) => (put(kind, found) ? copied() : shown()), shown);
      return;
    }
    const blob = text.then((found) => new Blob([found], { type: kind }));
    const item = { [kind]: blob };
    if (kind === "text/html") item["text/plain"] = text.then((found) => new Blob([found], { type: "text/plain" }));
    navigator.clipboard.write([new ClipboardItem(item)]).then(copied, shown);
  }

  function put(kind, text) {
    const fill = (event) => {
      event.clipboardData.setData("text/plain", text);
      event.clipboardData.setData(kind, text);
      event.preventDefault();
    };
    document.addEventListener("copy", fill, { once: true });
    const done = document.execCommand("copy");
    document.removeEventListener("copy", fill);
    return done;
  }

  function watch() {
    const box = one("#progress[data-events]");
    if (!box || box.dataset.watched) return;
    box.dataset.watched = "yes";
    const events = new EventSource(box.dataset.events);
    events.onmessage = (message) => {
      const now = JSON.parse(message.data);
      if (now.over) { events.close(); location.reload(); return; }
      const bar = one("progress", box);
      if (now.documents) { bar.max = now.documents; bar.value = now.done; }
      const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
      one("[data-said]", box).textContent = now.documents
        ? `${now.state}: ${now.done} of ${counted(now.documents, "article")}, ${counted(now.calls, "answer")} of the model` : now.state;
    };
  }

  function arrived() {
    watch();
    if (location.hash.length > 1) {
      const id = location.hash.slice(1);
      const target = document.getElementById(id);
      if (target && target.matches("details.panel")) { open(id); return; }
      if (target && target.matches(".row")) { focusRow(target); return; }
    }
    const every = rows();
    if (document.body.dataset.swapped && every.length) focusRow(every[Math.min(place, every.length - 1)]);
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.matches && event.target.matches("form#queue")) document.body.dataset.swapped = "yes";
  });
  document.addEventListener("htmx:afterSettle", arrived);
  document.addEventListener("htmx:responseError", (event) => {
    const said = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector(".alert");
    say(said ? said.textContent : "That was not done; load the page again.");
  });
  document.addEventListener("htmx:sendError", () => say("The desk does not answer; nothing was done. Try again when it is back."));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", arrived); else arrived();
})();
