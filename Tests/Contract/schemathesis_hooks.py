"""What schemathesis needs to know of the ledger's document."""

import json

import schemathesis


@schemathesis.hook
def before_load_schema(context, raw_schema):
    # It can't make values for so many rules at once. Most events that it makes are then refused,
    # which has to be answered well too.
    raw_schema["components"]["schemas"]["Event"].pop("allOf", None)


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    if isinstance(value, (list, tuple)):
        return "\n".join(json.dumps(item) for item in value).encode()
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()
