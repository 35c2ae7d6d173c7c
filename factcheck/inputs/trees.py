"""Parse XML from elsewhere: nothing is fetched, no entity is expanded, and only so much of it is held."""

from __future__ import annotations

from typing import Any

from lxml import etree

from factcheck.inputs.article import UnreadableError


def parsed(content: bytes, damaged: str, *, recover: bool = False) -> Any:
    """The root of a tree. Raises UnreadableError with the line `damaged` where there is none."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
        recover=recover,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise UnreadableError("damaged", f"{damaged}{f' (line {line})' if line else ''}") from None
    if root is None:
        raise UnreadableError("damaged", damaged)
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise UnreadableError("damaged", "declares entities, as no such file does; it may be built to")
    return root


def name_of(node: Any) -> str:
    """The name of an element without its namespace; empty for comments and the like, and for none at all."""
    return node.tag.rsplit("}", maxsplit=1)[-1] if node is not None and isinstance(node.tag, str) else ""


def attribute(node: Any, name: str) -> str | None:
    """The value of an attribute with this name in any namespace."""
    return next((value for key, value in node.attrib.items() if key.rsplit("}", maxsplit=1)[-1] == name), None)
