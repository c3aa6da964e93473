"""Replaces every URL that a request asks the platform to call by the URL of a receiver on this machine."""

import os
import re

import schemathesis

RECEIVER = os.environ["CASEWIRE_FUZZ_RECEIVER"]
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
