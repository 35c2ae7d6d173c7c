"""Read RSS and Atom feeds and sitemaps: lists of addresses, in their order."""

from __future__ import annotations

from urllib.parse import urljoin

from lxml import etree

from factcheck.inputs.article import Listed, Original, Part, UnreadableError

ROOTS = {"rss", "feed", "rdf", "urlset", "sitemapindex"}
ITEMS = {"item", "entry", "url", "sitemap"}


def read_feed(original: Original) -> list[Part]:
    """The addresses that a feed or a sitemap lists, each once. Raises UnreadableError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(original.content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("damaged", f"is not well-formed XML (line {error.lineno})") from None
    if root is None or _name(root) not in ROOTS:
        raise UnreadableError("unsupported", "is XML, but neither RSS, Atom nor a sitemap")
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError("damaged", "declares entities, as no feed does; it may be built to use up the machine")
    base = original.url or ""
    found = [_address(item) for item in root.iter() if _name(item) in ITEMS]
    addresses = [urljoin(base, address) for address in found if address]
    listed = [a for a in dict.fromkeys(addresses) if a.startswith(("http://", "https://"))]
    if not listed:
        raise UnreadableError("empty", "lists no addresses of articles")
    return [Listed(address) for address in listed]


def _name(element: etree._Element) -> str:
    """The local name of an element; comments and the like have none."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _address(item: etree._Element) -> str | None:
    """The address of an item: an Atom link, an RSS link, a sitemap's loc, or a guid that is one."""
    guid: str | None = None
    for child in item:
        name = _name(child)
        text = (child.text or "").strip()
        href = child.get("href", "").strip()
        if name == "link" and (href or text) and child.get("rel", "alternate") == "alternate":
            return href or text
        if name == "loc" and text:
            return text
        if name == "guid" and child.get("isPermaLink", "true") == "true" and text.startswith("http"):
            guid = text
    return guid
