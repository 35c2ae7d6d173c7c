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
  const order = one("order");
  const fields = ["speaker", "kind", "target", "document"];
  const has = (element, name, value) => (" " + element.dataset[name] + " ").includes(" " + value + " ");
  const numbered = new Map(claims.map((item) => [item.dataset.n, item]));

  const LETTERS = { "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ς": "σ", "’": "'", "‘": "'", "ʼ": "'", "“": "\"", "”": "\"", "–": "-", "—": "-", "‑": "-", "ـ": "" };
  const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/[\p{M}\u00ad\u200b-\u200f]+/gu, "")
    .replace(/[ßæœøłđðþıς’‘ʼ“”–—‑ـ]/g, (letter) => LETTERS[letter]).replace(/\s+/g, " ");
  const UNSAID = ".go, .copy, .hidden, .ref, .back, script";
  const walked = (element) => document.createTreeWalker(element, NodeFilter.SHOW_ALL, (node) => {
    if (node.nodeType === 3) return NodeFilter.FILTER_ACCEPT;
    return node.nodeType === 1 && node.matches(UNSAID) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  const texts = new Map();
  const textOf = (element) => {
    if (!texts.has(element)) {
      const walker = walked(element);
      const parts = [];
      while (walker.nextNode()) parts.push(walker.currentNode.data);
      texts.set(element, folded(parts.join("")));
    }
    return texts.get(element);
  };

  const chosen = () => Object.fromEntries(filters.map((f) => [f.dataset.filter, f.value]));
  const toggle = (element, shown) => { if (element.hidden === shown) element.hidden = !shown; };

  function filter() {
    const want = chosen();
    const words = folded(search.value).trim();
    const sought = words.split(" ");
    const holds = (element) => sought.every((word) => textOf(element).includes(word));
    const fits = (element) => fields.every((name) => !want[name] || has(element, name, want[name]));
    const kept = new Set();
    findings.forEach((card) => {
      const shown = fits(card) && (!want.finding || card.dataset.finding === want.finding)
        && (!want.tier || card.dataset.tier === want.tier) && (!words || holds(card));
      toggle(card, shown);
      if (shown) kept.add(card.dataset.n);
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
      if (shown) { on.add(item.dataset.n); busy.add(item.dataset.document); }
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
    light(words ? sought : []);
  }

  const MOST_LIT = 3000;
  const canLight = Boolean(window.Highlight && CSS.highlights && document.adoptedStyleSheets);
  if (canLight) {
    const sheet = new CSSStyleSheet();  // not in page.css: validators of CSS do not know this selector yet
    sheet.replaceSync("::highlight(sought) { background: #f6a94a; color: #1c1b19; }");
    document.adoptedStyleSheets.push(sheet);
  }
  function light(words) {
    if (!canLight) return;
    const ranges = [];
    const lit = (element) => {
      const walker = walked(element);
      while (ranges.length < MOST_LIT && walker.nextNode()) find(walker.currentNode, words, ranges);
    };
    if (words.length) [...findings, ...weighed, ...articles].filter((element) => !element.hidden).forEach(lit);
    CSS.highlights.set("sought", new Highlight(...ranges));
  }

  function find(node, words, ranges) {
    const text = folded(node.data);
    const hits = words.filter((word) => text.includes(word));
    if (!hits.length) return;
    const starts = [];
    const ends = [];
    let plain = "";
    let at = 0;
    for (const letter of node.data) {
      const own = /\s/.test(letter) && plain.endsWith(" ") ? "" : folded(letter);
      for (let n = 0; n < own.length; n += 1) { starts.push(at); ends.push(at + letter.length); }
      if (!own && ends.length) ends[ends.length - 1] = at + letter.length;
      plain += own;
      at += letter.length;
    }
    hits.forEach((word) => {
      for (let from = plain.indexOf(word); from >= 0; from = plain.indexOf(word, from + word.length)) {
        const range = new Range();
        range.setStart(node, starts[from]);
        range.setEnd(node, ends[from + word.length - 1]);
        ranges.push(range);
      }
    });
  }

  const ways = {
    "": (a, b) => a.dataset.n - b.dataset.n,
    newest: (a, b) => (a.dataset.newest < b.dataset.newest) - (a.dataset.newest > b.dataset.newest),
    oldest: (a, b) => ((a.dataset.newest || "~") > (b.dataset.newest || "~")) - ((a.dataset.newest || "~") < (b.dataset.newest || "~")),
    apart: (a, b) => b.dataset.apart - a.dataset.apart,
    name: (a, b) => a.dataset.name.localeCompare(b.dataset.name),
    open: (a, b) => Boolean(a.dataset.review) - Boolean(b.dataset.review),
  };
  let sorted = "";
  function sort() {
    if (!order || order.value === sorted) return;
    sorted = order.value;
    const dismissed = (card) => card.dataset.review === "dismissed";
    const way = (a, b) => dismissed(a) - dismissed(b) || ways[sorted](a, b) || ways[""](a, b);
    document.querySelector("#findings .none").before(...[...findings].sort(sorted ? way : ways[""]));
  }

  // What is chosen stands in the fragment of the address, which browsers send to nobody: #f-1a2b&tier=strong&q=words
  const anchor = () => location.hash.slice(1).split("&").find((part) => part && !part.includes("=")) || "";
  const nameOf = (option) => option.dataset.name || option.value;
  const boxes = () => [...filters.map((f) => [f.dataset.filter, f]), ...(order ? [["order", order]] : [])];
  function keep(place) {
    const state = new URLSearchParams();
    if (search.value.trim()) state.set("q", search.value.trim());
    boxes().forEach(([name, box]) => { if (box.value) state.set(name, nameOf(box.selectedOptions[0])); });
    const hash = [place, state.toString()].filter(Boolean).join("&");
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", hash ? "#" + hash : location.href.split("#")[0]);
  }
  function recall() {
    const state = new URLSearchParams(location.hash.slice(1).split("&").filter((part) => part.includes("=")).join("&"));
    search.value = state.get("q") || "";
    boxes().forEach(([name, box]) => {
      const option = state.get(name) && [...box.options].find((o) => nameOf(o) === state.get(name));
      box.value = option ? option.value : "";
    });
    sort();
    filter();
  }
  function choose() { sort(); filter(); keep(anchor()); }

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
    const target = anchor() ? one(decodeURIComponent(anchor())) : null;
    if (!target) return;
    if (target.closest("[hidden]") || target.classList.contains("off")) clear();
    keep(anchor());
    const closed = target.closest("details");
    if (closed) closed.open = true;
    if (/^w[-\d]/.test(target.id)) {
      const parts = marks.filter((mark) => has(mark, "c", one("c" + target.id.slice(1)).dataset.n));
      parts.forEach((part) => part.classList.add("hit"));
      if (parts.length) {
        parts[0].scrollIntoView({ block: "center" });
        parts[0].focus({ preventScroll: true });
        if (from) {
          back = document.createElement("a");
          back.className = "back";
          back.href = "#" + from;
          back.textContent = (from[0] === "e" ? "← back to evidence " : "← back to finding ") + one(from).dataset.n;
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
    const parts = mark.dataset.c.split(" ").map((c) => numbered.get(c)).filter(Boolean);
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
    clicked = true;
    if (link.getAttribute("href") === "#" + anchor()) { event.preventDefault(); clicked = false; land(); }
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
  // A link inside the page keeps what is chosen; going back, or an address typed by hand, brings its own.
  let clicked = false;
  addEventListener("hashchange", () => { if (!clicked) recall(); clicked = false; land(); });

  async function copy(button) {
    const card = button.closest(".finding");
    const told = card.querySelector(".copy [role=status]");
    told.textContent = "";  // a second copy is told, too
    const clip = JSON.parse(one("clips").textContent)[card.dataset.n - 1];
    const form = button.dataset.copy;
    const types = form === "html" ? { "text/html": clip.html, "text/plain": clip.text } : { "text/plain": clip[form] };
    let done = true;
    try {
      const parts = Object.entries(types).map(([type, text]) => [type, new Blob([text], { type })]);
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(parts))]);
    } catch { done = copied(types, button); }
    told.textContent = done ? "Copied." : "The browser did not allow it.";
  }

  // For pages that a browser does not trust with its clipboard: a copy of a selection, with other contents.
  function copied(types, button) {
    const box = document.createElement("textarea");
    box.value = types["text/plain"];
    document.body.append(box);
    box.select();
    const fill = (event) => {
      event.preventDefault();
      Object.entries(types).forEach(([type, text]) => event.clipboardData.setData(type, text));
    };
    document.addEventListener("copy", fill, { once: true });
    const done = document.execCommand("copy");
    document.removeEventListener("copy", fill);
    box.remove();
    button.focus();
    return done;
  }

  let opened = [];
  addEventListener("beforeprint", () => { opened = all("details:not([open])"); opened.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => { opened.forEach((d) => { d.open = false; }); });

  [...filters, ...(order ? [order] : [])].forEach((box) => box.addEventListener("change", choose));
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(choose, 120); });
  one("reset").addEventListener("click", () => { clear(); keep(anchor()); });
  all(".copy").forEach((line) => { line.hidden = false; });
  all("[data-copy]").forEach((button) => button.addEventListener("click", () => copy(button)));
  const bar = one("filters");
  bar.hidden = false;
  if (location.hash) { recall(); land(); }
  if (matchMedia("(max-width: 44rem)").matches) bar.querySelector("details").open = Boolean(one("shown").textContent);
})();
