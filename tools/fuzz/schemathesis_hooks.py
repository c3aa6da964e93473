"""
Replaces every URL that a request asks the platform to call by the URL of a receiver on this machine, and adds requests that
the platform accepts to the OpenAPI document, as examples.
"""

import json
import os
import re

import schemathesis

RECEIVER = os.environ["CASEWIRE_FUZZ_RECEIVER"]
with open(os.environ["CASEWIRE_FUZZ_EXAMPLES"], encoding="utf-8") as file:
    EXAMPLES = json.load(file)
CALLED = {"url", "callbackUrl"}
# Browsers and Node accept any number of slashes and backslashes after the scheme.
URL = re.compile(r"^[\x00-\x20]*https?:[/\\]*([^/\\?#]*)(.*)$", re.IGNORECASE | re.DOTALL)


def redirected(text):
    found = URL.match(re.sub(r"[\t\r\n]", "", text))
    return f"http://{RECEIVER}{found.group(2)}" if found else text


def redirect(value):
    if isinstance(value, dict):
        return {
            key: redirected(one) if key in CALLED and isinstance(one, str) else redirect(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [redirect(one) for one in value]
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    if isinstance(case.body, (dict, list)):
        case.body = redirect(case.body)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for example in EXAMPLES:
        method, path = example["operation"].split(" ")
        operation = raw_schema["paths"].get(path, {}).get(method.lower())
        if operation is None:
            continue
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                parameter["example"] = example["path"][parameter["name"]]
        if "body" in example:
            operation["requestBody"]["content"]["application/json"]["example"] = example["body"]
