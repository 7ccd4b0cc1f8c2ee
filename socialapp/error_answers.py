"""What each operation of the API may refuse with, written into the OpenAPI schema. The refusals themselves are lib.errors'.

Statuses follow from what an operation is (does it take a body, does its address name a thing, does it need a log-in), so
nobody has to list them by hand; what only one operation says stands beside its view.
"""

from typing import Any

ERROR = {
    "type": "object",
    "description": "Why something was refused, in a sentence for people; `fields` has a sentence for each field that is wrong.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields"],
            "properties": {
                "code": {"type": "string", "minLength": 1},
                "message": {"type": "string", "minLength": 1},
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}
SAYS = {
    400: "The input cannot be used as it is.",
    401: "Nobody is logged in.",
    403: "Not allowed, or the request was forged.",
    404: "Absent or not for you; both look alike.",
    406: "Answers are JSON only.",
    409: "It changed in the meantime, or the same request is still running.",
    410: "The upload expired.",
    412: "Another version of tus.",
    413: "Too large.",
    415: "This kind of body is not read here.",
    423: "In use elsewhere at this moment.",
    429: "Too many requests; `Retry-After` says when to go on.",
    503: "A part of the site is away for a moment.",
    507: "The server has no room left.",
}
RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
_TUS = {
    "/api/v1/uploads/": {412, 413, 507},
    "/api/v1/uploads/{upload_id}": {404, 409, 410, 412, 413, 423, 507},
}


def _statuses(method: str, path: str, operation: dict[str, Any]) -> set[int]:
    unsafe = method not in ("get", "head")
    named = "{" in path
    takes = {parameter["in"] for parameter in operation.get("parameters", [])}
    asks = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
    found = {406, 429, 503}
    if {} not in operation.get("security", [{}]) or unsafe:
        found.add(401)
    # The moderators' desk is not there for anybody else.
    if named or asks & {"video", "parent", "format"} or path.startswith("/api/v1/moderation/"):
        found.add(404)
    if "query" in takes:
        found.add(400)
    if unsafe:
        # Every write may meet a rule, a thing that it names in its body and that is gone, or its own twin.
        found |= {400, 403, 404, 409, 413}
        if method != "delete":
            found.add(415)
    return found | _TUS.get(path, set())


def document_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """drf-spectacular's hook after the schema was made: add each operation's refusals, in the contract's error shape."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = ERROR
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, operations in result.get("paths", {}).items():
        for method, operation in operations.items():
            answers = operation.get("responses", {})
            for status in sorted(_statuses(method, path, operation)):
                answer: dict[str, Any] = {"description": SAYS[status], "content": body}
                if status == 429:
                    answer["headers"] = {"Retry-After": RETRY_AFTER}
                answers.setdefault(str(status), answer)
            operation["responses"] = dict(sorted(answers.items()))
    return result
