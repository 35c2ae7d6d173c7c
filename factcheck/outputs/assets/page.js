"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const findings = all(".finding");
  const weighed = all(".weighed");
  const claims = all(".claims li");
  const articles = all(".document");
  const marks = all("a.m");
  const filters = all("[data-filter]");
  const search = one("search");
  const about = one("about");
  const fields = ["speaker", "kind", "target", "document"];
  const has = (element, name, value) => (" " + element.dataset[name] + " ").includes(" " + value + " ");
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().replace(/\s+/g, " ");
  const texts = new Map();
  const textOf = (element) => {
    if (!texts.has(element)) texts.set(element, folded(element.textContent));
    return texts.get(element);
  };

  const chosen = () => Object.fromEntries(filters.map((f) => [f.dataset.filter, f.value]));
  const toggle = (element, shown) => { if (element.hidden === shown) element.hidden = !shown; };

  function filter() {
    const want = chosen();
    const words = folded(search.value).trim();
    const holds = (element) => words.split(" ").every((word) => textOf(element).includes(word));
    const fits = (element) => fields.every((name) => !want[name] || has(element, name, want[name]));
    const kept = new Set();
    findings.forEach((card) => {
      const shown = fits(card) && (!want.finding || card.dataset.finding === want.finding)
        && (!want.tier || card.dataset.tier === want.tier) && (!words || holds(card));
      toggle(card, shown);
      if (shown) kept.add(card.id.slice(1));
    });
    let looked = 0;
    weighed.forEach((card) => {
      const shown = fits(card) && (!want.outcome || card.dataset.outcome === want.outcome)
        && (!words || holds(card));
      toggle(card, shown);
      looked += shown;
    });
    const none = document.querySelector("#evidence .none");
    if (none) toggle(none, looked === 0);
    const byFinding = Boolean(want.finding || want.tier);
    const active = byFinding || Boolean(words || want.outcome) || fields.some((name) => want[name]);
    const on = new Set();
    const busy = new Set();
    claims.forEach((item) => {
      const shown = fits(item) && (!byFinding || item.dataset.f.split(" ").some((f) => kept.has(f)))
        && (!words || holds(item));
      toggle(item, shown);
      if (shown) { on.add(item.id.slice(1)); busy.add(item.dataset.document); }
    });
    articles.forEach((article) => {
      const number = article.dataset.document;
      const alone = want.document === number && !words && !byFinding && !want.speaker && !want.kind && !want.target;
      const found = words && !want.speaker && !want.kind && !want.target && !byFinding
        && (!want.document || want.document === number) && holds(article);
      toggle(article, !active || alone || Boolean(found) || busy.has(number));
    });
    marks.forEach((mark) => {
      const off = active && !mark.dataset.c.split(" ").some((c) => on.has(c));
      if (mark.classList.contains("off") !== off) mark.classList.toggle("off", off);
    });
    toggle(document.querySelector("#findings .none"), findings.length > 0 && kept.size === 0);
    one("shown").textContent = active
      ? `Showing ${kept.size} of ${findings.length} findings and ${on.size} of ${claims.length} claims`
        + (weighed.length ? `, ${looked} of ${weighed.length} with evidence.` : ".") : "";
  }

  function clear() {
    filters.forEach((f) => { f.value = ""; });
    search.value = "";
    filter();
  }

  let back = null;
  let from = null;
  function unmark() {
    all(".hit").forEach((element) => element.classList.remove("hit"));
    if (back) { back.remove(); back = null; }
  }

  function land() {
    unmark();
    hide();
    const target = location.hash.length > 1 ? one(location.hash.slice(1)) : null;
    if (!target) return;
    if (target.closest("[hidden]") || target.classList.contains("off")) clear();
    const folded = target.closest("details");
    if (folded) folded.open = true;
    if (target.id.startsWith("w")) {
      const parts = marks.filter((mark) => has(mark, "c", target.id.slice(1)));
      parts.forEach((part) => part.classList.add("hit"));
      if (parts.length) {
        parts[0].scrollIntoView({ block: "center" });
        parts[0].focus({ preventScroll: true });
        if (from) {
          back = document.createElement("a");
          back.className = "back";
          back.href = "#" + from;
          back.textContent = (from[0] === "e" ? "← back to evidence " : "← back to finding ") + from.slice(1);
          parts[parts.length - 1].after(back);
        }
        hide();
        return;
      }
    }
    target.scrollIntoView({ block: target.id.startsWith("c") ? "center" : "start" });
    target.focus({ preventScroll: true });
  }

  function show(mark, pinned) {
    const parts = mark.dataset.c.split(" ").map((c) => one("c" + c)).filter(Boolean);
    about.replaceChildren(...parts.flatMap((item) => [".by", ".origin", ".answer", ...(pinned ? [".go"] : [])]
      .flatMap((selector) => all(selector, item)).map((part) => {
        const copy = part.cloneNode(true);
        copy.removeAttribute("id");
        const link = copy.matches(".go") && copy.querySelector("a");
        if (link) { link.href = "#" + item.id; link.textContent = "all about it"; }
        return copy;
      })));
    about.hidden = false;
    about.dataset.pinned = pinned ? "yes" : "";
    const place = mark.getClientRects()[0] || mark.getBoundingClientRect();
    const size = about.getBoundingClientRect();
    const below = place.bottom + 8 + size.height < innerHeight;
    about.style.left = Math.max(8, Math.min(place.left, innerWidth - size.width - 12)) + "px";
    about.style.top = Math.max(8, below ? place.bottom + 8 : place.top - size.height - 8) + "px";
  }

  function hide() { about.hidden = true; about.dataset.pinned = ""; }

  function step(mark, by) {
    const near = all("a.m", mark.closest(".text")).filter((m) => !m.classList.contains("off"));
    const next = near[near.indexOf(mark) + by];
    if (!next) return;
    near.forEach((m) => { m.tabIndex = m === next ? 0 : -1; });
    next.focus();
  }

  document.addEventListener("mouseover", (event) => {
    const mark = event.target.closest("a.m");
    if (mark && !about.dataset.pinned) show(mark, false);
  });
  document.addEventListener("mouseout", (event) => {
    if (event.target.closest("a.m") && !about.dataset.pinned) hide();
  });
  document.addEventListener("focusin", (event) => {
    const mark = event.target.closest("a.m");
    if (mark && mark.matches(":focus-visible")) show(mark, false);
    else if (!about.contains(event.target)) hide();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) { if (!about.contains(event.target)) hide(); return; }
    if (link.matches("a.m")) {
      event.preventDefault();
      show(link, true);
      if (event.detail === 0) { about.dataset.back = link.dataset.c; about.querySelector("a").focus(); }
      return;
    }
    from = link.dataset.from || null;
    if (link.getAttribute("href") === location.hash) { event.preventDefault(); land(); }
  });
  document.addEventListener("keydown", (event) => {
    const mark = event.target.closest && event.target.closest("a.m");
    if (event.key === "Escape" && !about.hidden) {
      const inside = about.contains(document.activeElement);
      hide();
      if (inside) { const home = marks.find((m) => m.dataset.c === about.dataset.back); if (home) { home.focus(); hide(); } }
    } else if (mark && ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"].includes(event.key)) {
      const rightToLeft = getComputedStyle(mark).direction === "rtl";
      const forward = event.key === "ArrowDown" || event.key === (rightToLeft ? "ArrowLeft" : "ArrowRight");
      event.preventDefault();
      step(mark, forward ? 1 : -1);
    }
  });
  addEventListener("scroll", () => { if (!about.hidden && !about.dataset.pinned) hide(); }, { passive: true });
  addEventListener("hashchange", land);

  let opened = [];
  addEventListener("beforeprint", () => { opened = all("details:not([open])"); opened.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => { opened.forEach((d) => { d.open = false; }); });

  filters.forEach((f) => f.addEventListener("change", filter));
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  one("reset").addEventListener("click", clear);
  const bar = one("filters");
  bar.hidden = false;
  if (matchMedia("(max-width: 44rem)").matches) bar.querySelector("details").open = false;
  if (location.hash) land();
})();
