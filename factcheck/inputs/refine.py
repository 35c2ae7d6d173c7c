"""Mend the choice of a page's article: its lede, times of a live blog, corrections, calls to subscribe."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from factcheck.inputs.blocks import Block, lineage
from factcheck.inputs.places import TOPIC, Places
from factcheck.inputs.walls import CONSENT
from factcheck.text.corrections import is_correction

LEDE = re.compile(
    r"(?:^|[-_])(?:lead|lede|intro|introtext|introduction|teaser|teasertext|excerpt|standfirst|sub-?title|sub-?head\w*|"
    r"abstract|summary|deck|dek|chapo|cha?pp?eau|sapo|perex|bajada|entradilla|copete|sumario|vorspann|vorlauf|anleser|"
    r"preface|kicker|description|hook|ingress|anrisstext)(?:[-_]|$)|(?:lead|teaser|intro|excerpt|chapo)(?:text)?$"
)
"""What makers of pages call the paragraph between title and article."""

MAX_BETWEEN = 14
"""Blocks between a title and its lede: dates, names, buttons."""

MIN_LEDE = 50
MIN_BARE_LEDE = 80
"""Characters of a lede that is called so, and of one that only stands there."""

ENDS = re.compile(r"[.!?…。！？।؟:][\"”“»’)\]]*$")
WIDE = re.compile("[\u2e80-\uffef]")
NEVER = frozenset(["nav", "footer", "form", "button", "aside", "select", "figcaption", "figure", "dialog"])
DROPPED = re.compile(
    r"(?:^|[-_])(?:related|copyrights?|disclaimer|disclosure|newsletter|sharedaddy|kommentare?|imagedescription|"
    r"next-?story|author-?(?:bio|box|info)|about-?the-?author|autorenbox|social|subscribe|footer|cookies?)(?:[-_]|$)"
)
"""What parts of pages are called that are no part of an article even where they stand inside it."""

CALL = re.compile(
    r"^(?:(?:please )?(?:subscribe|sign up|follow us|follow the|like us|read (?:also|more|next)|see also|related:|"
    r"more on|join us on|share this|click here|for the latest|never miss|don't miss)\b|"
    r"(?:lesen sie (?:auch|mehr)|mehr (?:zum thema|themen|dazu)|weitere (?:informationen|artikel|themen|beiträge|"
    r"meldungen|aktuelle themen)|weiterlesen|zum weiterlesen|schon gelesen|auch interessant|"
    r"das (?:thema )?könnte (?:sie|dich)|"
    r"(?:zum|unser) newsletter|jetzt (?:abonnieren|anmelden)|folge[nt]? (?:sie )?uns|noch mehr|passend dazu|top-themen|"
    r"inhaltsverzeichnis|keine kommentare|kommentare)\b|"
    r"(?:lire aussi|à lire|lisez aussi|voir aussi|abonnez-vous|suivez-nous|sur le même sujet)\b|"
    r"(?:lea también|lee también|leer más|más sobre|te puede interesar|síguenos|siguenos|suscríbete|"
    r"contenido relacionado|temas$)|"
    r"(?:leggi anche|iscriviti|seguici)\b|(?:leia também|leia mais|assine|siga-nos)\b|"
    r"(?:czytaj (?:też|także|więcej|również)|zobacz (?:też|także|również)|zapraszamy też)|"
    r"(?:lees ook|lees meer)\b|(?:läs (?:också|mer|även))\b|(?:lue myös|lue lisää)\b|(?:les også)\b|"
    r"(?:читайте также|читать далее|подписывайтесь)|(?:читайте також|підписуйтесь)|"
    r"(?:関連記事|続きを読む|あわせて読みたい)|(?:相关阅读|相关新闻|延伸阅读))",
    re.IGNORECASE,
)
"""How calls to read, follow or subscribe begin."""

MAX_CALL = 160
MAX_BESIDE = 0.25
"""Share of an article above which such parts are the article after all."""
CLOCK = re.compile(r"\b\d{1,2}\s?[:.h]\s?\d{2}\b(?:\s?(?:uhr|h|[ap]\.?m\.?))?", re.IGNORECASE)
MAX_TIME = 60
MAX_BESIDE_CLOCK = 12
"""Characters beside the time of day in a line that says nothing else."""

MAX_CORRECTION = 1200


def refined(blocks: Sequence[Block], chosen: Sequence[bool], places: Places) -> list[bool]:
    """Which blocks are the article, after what the extraction is known to miss or to take along."""
    result = _without_foreign(blocks, chosen)
    for number in (*_ledes(blocks, result), *_siblings(blocks, result, places), *_corrections(blocks, result, places)):
        result[number] = True
    for number in _times(blocks, result):
        result[number] = True
    return result


def _without_foreign(blocks: Sequence[Block], chosen: Sequence[bool]) -> list[bool]:
    """The choice without calls to read elsewhere and known parts beside an article, if they are a small part of it."""
    calls = [is_in and _is_call(block) for block, is_in in zip(blocks, chosen, strict=True)]
    parts = [is_in and _is_beside(block) for block, is_in in zip(blocks, chosen, strict=True)]
    heading = next((n for n, block in enumerate(blocks) if _heading(block) == "h1"), 0)
    calls = [is_call or (n < heading and bool(CONSENT.search(blocks[n].text))) for n, is_call in enumerate(calls)]
    sizes = [len(block.text) if is_in else 0 for block, is_in in zip(blocks, chosen, strict=True)]
    if sum(size for size, is_part in zip(sizes, parts, strict=True) if is_part) > MAX_BESIDE * sum(sizes):
        parts = [False] * len(parts)
    return [is_in and not (is_call or is_part) for is_in, is_call, is_part in zip(chosen, calls, parts, strict=True)]


def _names(element: Any, levels: int) -> list[str]:
    found = []
    for around, _ in zip(lineage(element), range(levels), strict=False):
        found += [*(around.get("class") or "").lower().split(), (around.get("id") or "").lower()]
    return [name for name in found if name and not TOPIC.match(name)]


def _is_call(block: Block) -> bool:
    """Whether a block calls its readers elsewhere."""
    return len(block.text) <= MAX_CALL and bool(CALL.match(block.text.lstrip("»›→>•-–*[( ")))


def _is_beside(block: Block) -> bool:
    """Whether a block stands in what is called a part beside the article."""
    return any(DROPPED.search(name) for name in _names(block.element, 2))


def _ledes(blocks: Sequence[Block], chosen: Sequence[bool]) -> list[int]:
    """The paragraphs between a title and its article that are its lede."""
    long = (n for n, is_in in enumerate(chosen) if is_in and len(blocks[n].text) >= MIN_LEDE)
    body = next((n for n in long if _heading(blocks[n]) != "h1"), None)
    if body is None:
        return []
    titles = [n for n in range(body) if _heading(blocks[n]) == "h1"]
    start = titles[-1] + 1 if titles else max(0, body - MAX_BETWEEN)
    between = range(start, min(body, start + MAX_BETWEEN))
    title = blocks[titles[-1]] if titles else None
    return [n for n in between if not chosen[n] and _is_lede(blocks[n], title)]


def _is_lede(block: Block, title: Block | None) -> bool:
    size = len(block.text) * (3 if WIDE.search(block.text) else 1)
    if size < MIN_LEDE or block.linked > len(block.text) / 3 or any(a.tag in NEVER for a in lineage(block.element)):
        return False
    if CALL.match(block.text) or CONSENT.search(block.text):
        return False
    if any(LEDE.search(name) for name in _names(block.element, 3)):
        return True
    if title is None:
        return False
    if block.element.getparent() is title.element.getparent() and block.element.tag in {"p", "h2", "h3"}:
        return True
    return size >= MIN_BARE_LEDE and bool(ENDS.search(block.text))


def _heading(block: Block) -> str | None:
    return next((a.tag for a in lineage(block.element) if a.tag in {"h1", "h2", "h3"}), None)


def _siblings(blocks: Sequence[Block], chosen: Sequence[bool], places: Places) -> list[int]:
    """Paragraphs between chosen ones of the same parent."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for number, block in enumerate(blocks):
        groups[block.element.getparent()].append(number)
    found = []
    for numbers in groups.values():
        inside = [n for n in numbers if chosen[n] and len(blocks[n].text) >= MIN_LEDE]
        if len(inside) < 2:  # noqa: PLR2004
            continue
        found += [
            n
            for n in numbers
            if not chosen[n]
            and inside[0] <= n <= inside[-1]
            and _is_text(blocks[n], places)
            and not (_is_call(blocks[n]) or _is_beside(blocks[n]))
        ]
    return found


def _is_text(block: Block, places: Places) -> bool:
    tag = block.element.tag
    if tag not in {"p", "li", "blockquote", "h2", "h3", "h4", "pre"} or not block.text:
        return False
    return block.linked <= len(block.text) / 2 and _own_place(block, places) not in {"navigation", "comments"}


def _own_place(block: Block, places: Places) -> str | None:
    return places.of_own(block.element)


def _corrections(blocks: Sequence[Block], chosen: Sequence[bool], places: Places) -> list[int]:
    """Corrections that stand beside or below the article, with the box that they stand in."""
    found: set[int] = set()
    for number, block in enumerate(blocks):
        if chosen[number] or block.linked > len(block.text) / 2 or not is_correction(block.text):
            continue
        if places.of(block.element) == "comments":
            continue
        box = _box(block)
        inside = [n for n, other in enumerate(blocks) if box in lineage(other.element)]
        found |= {n for n in inside if not chosen[n] and blocks[n].text}
    return sorted(found)


def _box(block: Block) -> Any:
    """The widest element around a block that holds little more than it."""
    box = block.element
    for around in lineage(block.element):
        if around.tag in {"body", "main", "article", "footer", "html"}:
            break
        if sum(map(len, around.itertext())) > MAX_CORRECTION:
            break
        box = around
    return box


def _times(blocks: Sequence[Block], chosen: Sequence[bool]) -> list[int]:
    """The times of the updates of a live blog: at least two containers of one kind, each with a time and with text."""
    holding = {
        around for block, is_in in zip(blocks, chosen, strict=True) if is_in for around in lineage(block.element)
    }
    posts: dict[Any, list[int]] = defaultdict(list)
    for number, block in enumerate(blocks):
        if not chosen[number] and _is_time(block):
            post = next((a for a in lineage(block.element) if a in holding), None)
            if post is not None and post.tag not in {"body", "html", "main"}:
                posts[post].append(number)
    kinds = Counter(_kind(post) for post in posts)
    return [n for post, numbers in posts.items() if kinds[_kind(post)] >= 2 for n in numbers]  # noqa: PLR2004


def _is_time(block: Block) -> bool:
    if not 0 < len(block.text) <= MAX_TIME:
        return False
    if any(True for _ in block.element.iter("time")):
        return True
    is_clock = bool(CLOCK.search(block.text))
    return is_clock and (
        "time" in " ".join(_names(block.element, 2)) or len(CLOCK.sub("", block.text)) <= MAX_BESIDE_CLOCK
    )


def _kind(post: Any) -> tuple[Any, str, str]:
    return post.getparent(), post.tag, (post.get("class") or "").split(" ")[0]
