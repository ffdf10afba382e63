"""Reads a file from a connector the way its callers do, and says what came of it.

Arguments: URL, Host header, filepath, userId. Prints `head <status>` when the head of the answer is
there, and then `content <bytes> <sha256>` or `raised <exception>`.
"""

import hashlib
import sys

import requests
import urllib3

url, host, filepath, user = sys.argv[1:]
print("urllib3", urllib3.__version__, flush=True)
try:
    # `content` of an answer that is not streamed is read in the same way, before `get` returns.
    response = requests.get(
        url,
        json={"filepath": filepath, "userId": user},
        headers={"Host": host},
        stream=True,
        timeout=300,
    )
    print("head", response.status_code, flush=True)
    content = response.content
    print("content", len(content), hashlib.sha256(content).hexdigest(), flush=True)
except requests.exceptions.RequestException as error:
    print("raised", type(error).__name__, flush=True)
