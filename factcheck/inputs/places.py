"""Tell what part of a page an element stands in: menus, boxes beside the article, comments of readers, footnotes."""

from __future__ import annotations

import re
from typing import Any

from factcheck.inputs.blocks import Block, lineage
from factcheck.originals import LeftOutKind

TAGS: dict[str, LeftOutKind] = {
    "nav": "navigation",
    "footer": "navigation",
    "form": "navigation",
    "button": "navigation",
    "select": "navigation",
    "option": "navigation",
    "textarea": "navigation",
    "menu": "navigation",
    "dialog": "navigation",
    "search": "navigation",
    "label": "navigation",
    "aside": "aside",
    "figcaption": "caption",
    "caption": "caption",
}
ROLES: dict[str, LeftOutKind] = {
    **dict.fromkeys(("navigation", "menu", "menubar", "search", "contentinfo", "dialog", "alertdialog"), "navigation"),
    **dict.fromkeys(("tablist", "toolbar", "button", "form"), "navigation"),
    "complementary": "aside",
    **dict.fromkeys(("doc-footnote", "doc-endnotes", "doc-endnote"), "footnote"),
}
NAMES: tuple[tuple[LeftOutKind, re.Pattern[str]], ...] = (
    (
        "comments",
        re.compile(
            r"^(?:[\w-]*[-_])?comments?(?:[-_](?!ary)|list|s$|$)|disqus|^dsq|^respond$|kommentar|reader-?replies"
        ),
    ),
    ("footnote", re.compile(r"^(?:foot-?notes?|end-?notes?|fn-?list|references|reflist|fussnoten)(?:[-_]|$)")),
    (
        "caption",
        re.compile(r"(?:^|[-_])(?:caption|wp-caption-text|credits?|figcaption|bildunterschrift)(?:[-_]|$)|caption$"),
    ),
    (
        "navigation",
        re.compile(
            r"(?:^|[-_])(?:nav|navi|navbar|navigation|menu|submenu|breadcrumbs?|pager|pagination|paging|share|sharing|"
            r"social|cookie|cookies|consent|gdpr|newsletter|subscribe|subscription|related|recommended|recommendations|"
            r"teasers?|more-?on|read-?more|most-?(?:read|popular)|trending|footer|masthead|toolbar|topbar|login|"
            r"search|modal|popup|overlay|banner|ads?|advert\w*|sponsor\w*|promo|widget|tags?|skip|print|jump)(?:[-_]|$)"
            r"|^(?:main)?nav|navigation$|menu$|breadcrumb|outbrain|taboola|^cmp|cookie"
        ),
    ),
    (
        "aside",
        re.compile(
            r"(?:^|[-_])(?:aside|sidebar|side|infobox|info-?box|fact-?box|box|complementary|secondary)(?:[-_]|$)|sidebar"
        ),
    ),
)
TOPIC = re.compile(r"(?:category|tag|post|type|status|format|author|term|topic|node)-\w")
"""How class names begin that say what an article is about, not what part of a page it is."""

LINKED = 0.6
"""Share of a block's characters that lead elsewhere above which it is a list of links."""

TOP = frozenset(["html", "body", "main", "article"])


class Places:
    """Remembers what each element of one page is part of."""

    def __init__(self) -> None:
        self._known: dict[Any, LeftOutKind | None] = {}

    def of(self, element: Any) -> LeftOutKind | None:
        """The nearest part of a page that the element stands in, or None."""
        passed = []
        found: LeftOutKind | None = None
        for around in lineage(element):
            if around in self._known:
                found = self._known[around]
                break
            passed.append(around)
            if found := _own(around):
                break
        self._known.update(dict.fromkeys(passed, found))
        return found

    def of_own(self, element: Any) -> LeftOutKind | None:
        """What the element itself and the one around it say that they are."""
        around = element.getparent()
        return _own(element) or (_own(around) if around is not None else None)

    def of_block(self, block: Block) -> LeftOutKind:
        """What a block that is not the article is part of."""
        place = self.of(block.element)
        if place in {"comments", "footnote", "caption"}:
            return place
        if place == "navigation" or block.linked >= LINKED * len(block.text):
            return "navigation"
        return place or "other"


def _own(element: Any) -> LeftOutKind | None:
    """What an element says of itself."""
    tag = element.tag
    if tag in TAGS:
        return TAGS[tag]
    role = ROLES.get((element.get("role") or "").strip().lower())
    if role:
        return role
    if tag == "header" and not any(around.tag in {"article", "main"} for around in lineage(element)):
        return "navigation"
    if tag in TOP:
        return None
    names = [*(element.get("class") or "").lower().split(), (element.get("id") or "").lower()]
    return next(
        (kind for kind, pattern in NAMES for name in names if name and not TOPIC.match(name) and pattern.search(name)),
        None,
    )
