"""The description of the API (OpenAPI 3.1), made from the models that its operations take and give."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from factcheck.__about__ import VERSION
from factcheck.web.failures import MEDIA_TYPE, Failure
from factcheck.web.operations import PREFIX, Operation

REFS = "#/components/schemas/{model}"
TOKEN = "token"  # noqa: S105  (the name of a scheme)


@lru_cache(maxsize=1)
def described(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "factcheck desk",
            "version": VERSION,
            "description": "Findings, statements, speakers and documents of a ledger, with exact words and places.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{TOKEN: []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(operations),
            "securitySchemes": {TOKEN: {"type": "http", "scheme": "bearer", "description": "A token of the desk."}},
        },
    }


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    answers: set[type[BaseModel]] = {Failure, *(o.answer for o in operations if o.answer)}
    bodies: set[type[BaseModel]] = {o.body for o in operations if o.body}
    models: list[Any] = [(m, "serialization") for m in sorted(answers, key=lambda m: m.__name__)]
    models += [(m, "validation") for m in sorted(bodies, key=lambda m: m.__name__)]
    _, schema = models_json_schema(models, ref_template=REFS)
    return dict(schema["$defs"])


def _operation(operation: Operation) -> dict[str, Any]:
    summary, _, more = (inspect.getdoc(operation.run) or "").partition("\n\n")
    told: dict[str, Any] = {"operationId": operation.run.__name__, "summary": summary}
    told |= {"description": more} if more else {}
    if parameters := [*_of_path(operation), *_of_query(operation), *_of_lock(operation)]:
        told["parameters"] = parameters
    if operation.body:
        told["requestBody"] = {"required": True, "content": _content(operation.body)}
    told["responses"] = _responses(operation)
    told["security"] = [{TOKEN: [operation.needs]}] if operation.needs else []
    return told


def _responses(operation: Operation) -> dict[str, Any]:
    schema = _content(operation.answer) if operation.answer else {"application/json": {"schema": {"type": "object"}}}
    done: dict[str, Any] = {"description": "Done.", "content": schema}
    if operation.path.startswith("/findings/"):
        done["headers"] = {"ETag": {"description": "For If-Match.", "schema": {"type": "string"}}}
    if operation.status == 202:  # noqa: PLR2004
        done["headers"] = {"Location": {"description": "Where to ask.", "schema": {"type": "string"}}}
    failure = {"description": "Not done, and why.", "content": _content(Failure, MEDIA_TYPE)}
    return {str(operation.status): done, "default": failure}


def _content(model: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": REFS.format(model=model.__name__)}}}


def _of_path(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", operation.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _of_query(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema()
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": value}
        for name, value in schema["properties"].items()
    ]


def _of_lock(operation: Operation) -> list[dict[str, Any]]:
    if operation.body is None or "seen" not in operation.body.model_fields:
        return []
    told = "The ETag of the finding as it was read; or `seen` in the body."
    return [{"name": "If-Match", "in": "header", "description": told, "schema": {"type": "string"}}]
