"""Whether what is taken out of pages as hidden is hidden in a real browser, and what is kept is shown there."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from factcheck.inputs.article import Article, Original, UnreadableError
from factcheck.inputs.hidden import UNSEEN_TAGS
from factcheck.inputs.pages import decoded_page, read_html
from tests.bench.test_web_pages import FOLDER
from tests.inputs.test_hidden import PAGES, SECRET, VISIBLE
from tests.support.browser import chromium

SAMPLE = 99
MIN_RIGHT = 0.95
"""Share of hidden words that the browser does not show either."""

BY_NAME = ("class", "aria-hidden")
"""What hides by the words of a sheet that is not fetched, or from some readers only: a browser alone cannot tell."""

SHOWN = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const solid = c => { const m = c.match(/[\\d.]+/g) || []; return m.length < 4 || +m[3] > 0.1; };
  const same = (a, b) => a.every((v, i) => Math.abs(v - b[i]) < 20);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE'].includes(element.tagName)) continue;
    const asked = {opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true};
    if (!element.checkVisibility(asked)) continue;
    const style = getComputedStyle(element);
    let opacity = 1, clipped = false;
    const range = document.createRange(); range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    for (let e = element; e; e = e.parentElement) {
      const s = getComputedStyle(e), r = e.getBoundingClientRect();
      opacity *= +s.opacity;
      if (s.overflow !== 'visible' && s.display !== 'inline' && (r.width <= 1 || r.height <= 1)) clipped = true;
      if (s.clip !== 'auto' && s.position === 'absolute' && r.width * r.height <= 4) clipped = true;
      if (/rect\\(0px,? 0px,? 0px,? 0px\\)|rect\\(1px,? 1px,? 1px,? 1px\\)/.test(s.clip)) clipped = true;
      if (/inset\\((50|100)%\\)|circle\\(0/.test(s.clipPath)) clipped = true;
    }
    if (clipped || opacity < 0.1 || box.width * box.height < 1 || parseFloat(style.fontSize) < 4) continue;
    if (box.right < 0 || box.bottom < 0 || box.left > 4000) continue;
    if (!solid(style.color) || !solid(style.webkitTextFillColor)) continue;
    const ink = style.color.match(/[\\d.]+/g).slice(0, 3).map(Number);
    let ground = [255, 255, 255];
    for (let e = element; e; e = e.parentElement) {
      const s = getComputedStyle(e);
      if (s.backgroundImage !== 'none') { ground = [-999, -999, -999]; break; }
      if (solid(s.backgroundColor)) { ground = s.backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number); break; }
    }
    if (same(ink, ground)) continue;
    found.push(node.data);
  }
  return found;
}"""


@contextmanager
def _pages() -> Iterator[Any]:
    with chromium() as running:
        context = running.new_context(java_script_enabled=False, offline=True, viewport={"width": 1280, "height": 800})
        context.route(
            "**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort()
        )
        yield context


def _shown(context: Any, folder: Path, content: str) -> str:
    path = folder / "page.html"
    path.write_text(
        re.sub(r"<meta[^>]*(refresh|charset)[^>]*>", "", content, flags=re.IGNORECASE), encoding="utf-8-sig"
    )
    tab = context.new_page()
    try:
        tab.goto(path.as_uri(), wait_until="domcontentloaded", timeout=20_000)
        return _flat(" ".join(tab.evaluate(SHOWN)))
    finally:
        tab.close()


def _flat(text: str) -> str:
    return " ".join(re.sub("[\u00ad\u200b-\u200f\ufeff]", "", text).split())


def test_attacks_are_hidden_in_the_browser_and_their_counterparts_are_not(tmp_path: Path) -> None:
    with _pages() as context:
        hidden = {name: SECRET not in _shown(context, tmp_path, source) for name, source in PAGES.items()}
        shown = {name: SECRET in _shown(context, tmp_path, source) for name, source in VISIBLE.items()}
    print(
        f"\n{sum(hidden.values())} of {len(hidden)} attacks hidden, "
        f"{sum(shown.values())} of {len(shown)} counterparts shown"
    )
    print("shown all the same:", [name for name, is_hidden in hidden.items() if not is_hidden])
    assert all(shown.values()), [name for name, is_shown in shown.items() if not is_shown]


@pytest.mark.skipif(FOLDER is None, reason="FACTCHECK_WEB_PAGES names no folder of pages")
def test_what_is_taken_out_of_real_pages_is_hidden_in_the_browser(tmp_path: Path) -> None:
    folder = Path(FOLDER or "")
    chunks = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    urls = sorted(chunks)[:: max(1, len(chunks) // SAMPLE)]
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed = kept = 0
    with _pages() as context:
        for url in urls:
            path = next(p for kind in ("cache", "eval") if (p := folder / kind / chunks[url]["file"]).is_file())
            content = path.read_bytes()
            try:
                parts = [p for p in read_html(Original(url, content, "text/html", None, url)) if isinstance(p, Article)]
                shown = _shown(context, tmp_path, decoded_page(content, None))
            except (UnreadableError, Exception):  # noqa: BLE001  (what the browser cannot open is not compared)
                continue
            if not parts:
                continue
            read = _flat(parts[0].text)
            lines = [line for line in parts[0].text.split("\n") if len(line.split()) >= 6]
            kept += sum(len(line.split()) for line in lines)
            missed += sum(len(line.split()) for line in lines if _flat(line)[:60] not in shown)
            elsewhere = _flat(" ".join([read, *(item.text for item in parts[0].left_out if item.kind != "hidden")]))
            for item in parts[0].left_out:
                if item.kind != "hidden" or item.note == "comment" or item.note in UNSEEN_TAGS:
                    continue
                for line in item.text.split("\n"):
                    words = _flat(line)
                    if len(words.split()) >= 3 and words not in elsewhere:
                        (wrong if words in shown else right)[item.note] += len(words.split())
    print(
        f"\n{len(urls)} pages; hidden words by what hides them, hidden in the browser: {dict(right)}; "
        f"shown there: {dict(wrong)}"
    )
    print(f"of {kept} words of articles in lines of six words or more, {missed} are not shown by the page's own styles")
    drawn = {name for name in right | wrong if name not in BY_NAME}
    total = sum(right[name] + wrong[name] for name in drawn)
    assert sum(right[name] for name in drawn) >= MIN_RIGHT * total
