"""What GitHub documents for SARIF that is uploaded to code scanning, as a checker.

https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

MOST = {"runs": 20, "results": 25_000, "rules": 25_000, "locations": 1_000, "thread flows": 10_000, "tags": 20}
"""Entries above which an upload is refused."""

MOST_BYTES = 10_000_000
"""Of an upload, compressed with gzip."""

LEVELS = {"none", "note", "warning", "error"}
REGION = ("startLine", "startColumn", "endLine", "endColumn")
RELATIVE = re.compile(r"(?![a-z][a-z0-9+.-]*:|/)[A-Za-z0-9._~%!$&'()*+,;=:@/-]+", re.IGNORECASE)


def complaints(text: str) -> list[str]:
    """Everything in a SARIF file that code scanning would refuse or could not show; none for a good one."""
    log = json.loads(text)
    found = [] if len(gzip.compress(text.encode())) <= MOST_BYTES else ["the file is too large"]
    found += [] if log.get("version") == "2.1.0" else ["version is not 2.1.0"]
    found += [] if str(log.get("$schema", "")).endswith("sarif-schema-2.1.0.json") else ["$schema is missing"]
    found += _too_many("runs", log.get("runs", []))
    return [*found, *(line for run in log["runs"] for line in _run(run))]


def _run(run: dict[str, Any]) -> Iterator[str]:
    driver = run["tool"]["driver"]
    yield from () if driver.get("name") else ["tool.driver.name is missing"]
    yield from (*_too_many("rules", driver["rules"]), *_too_many("results", run["results"]))
    for rule in driver["rules"]:
        yield from _rule(rule)
    if "/" not in run.get("automationDetails", {}).get("id", "/"):
        yield "automationDetails.id has no category"
    for result in run["results"]:
        yield from _result(result, [rule["id"] for rule in driver["rules"]])


def _rule(rule: dict[str, Any]) -> Iterator[str]:
    for name in ("shortDescription", "fullDescription"):
        text = rule.get(name, {}).get("text", "")
        if not 0 < len(text) <= 1024:
            yield f"rule {rule.get('id')}: {name}.text has {len(text)} characters"
    if not rule.get("id") or not rule.get("help", {}).get("text") or len(rule.get("name", "")) > 255:
        yield f"rule {rule.get('id')}: id, name or help.text"
    if rule.get("defaultConfiguration", {}).get("level", "warning") not in LEVELS:
        yield f"rule {rule['id']}: level"
    yield from _too_many("tags", rule.get("properties", {}).get("tags", []))


def _result(result: dict[str, Any], rules: list[str]) -> Iterator[str]:
    if result.get("ruleId") not in rules or rules[result.get("ruleIndex", 0)] != result["ruleId"]:
        yield f"ruleId {result.get('ruleId')}"
    if result.get("level", "warning") not in LEVELS or not result.get("message", {}).get("text"):
        yield "level or message.text"
    if not result.get("partialFingerprints"):
        yield "partialFingerprints are missing"
    locations = [*result.get("locations", []), *result.get("relatedLocations", [])]
    if not result.get("locations"):
        yield "a result without a location is not shown"
    yield from _too_many("locations", locations)
    for location in locations:
        yield from _place(location.get("physicalLocation", {}))


def _place(place: dict[str, Any]) -> Iterator[str]:
    uri = place.get("artifactLocation", {}).get("uri", "")
    if not RELATIVE.fullmatch(uri) or ".." in uri.split("/"):
        yield f"uri {uri!r} is not relative to the root of a repository"
    numbers = [place.get("region", {}).get(name) for name in REGION]
    if not all(isinstance(number, int) and number > 0 for number in numbers):
        yield f"region {numbers}"
    elif (numbers[2], numbers[3]) < (numbers[0], numbers[1]):
        yield f"region {numbers} ends before it begins"


def _too_many(name: str, entries: list[Any]) -> list[str]:
    return [f"{len(entries)} {name}"] if len(entries) > MOST[name] else []
