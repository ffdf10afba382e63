"""What the exporter of the contract does, with its client library: reads files from one connector and uploads them to
another, then publishes. It stores whatever the library returns, and goes on with the next file where that raises.

deposit.py URL CLOUD CLOUD_USER REPOSITORY REPOSITORY_USER FOLDER
"""

import json
import sys

import requests
import urllib3

url, cloud, cloud_user, repository, repository_user, folder = sys.argv[1:]
print("urllib3", urllib3.__version__, flush=True)


def ask(method, connector, path, **arguments):
    headers = {"Host": f"layer1-{connector}"}
    return requests.request(method, url + path, headers=headers, timeout=60, **arguments)


created = ask("POST", repository, "/metadata/project", json={"userId": repository_user})
assert created.status_code < 300, created.text
project = f"/metadata/project/{created.json()['projectId']}"
print("project", created.json()["projectId"], flush=True)

document = ask(
    "GET",
    cloud,
    "/storage/file",
    json={"filepath": f"{folder}/ro-crate-metadata.json", "userId": cloud_user},
)
crate = json.loads(document.content.decode("utf-8"))
updated = ask("PATCH", repository, project, json={"userId": repository_user, "metadata": crate})
updated.json()

listed = ask("GET", cloud, "/storage/folder", json={"filepath": folder, "userId": cloud_user})
for name in listed.json()["files"]:
    try:
        content = ask(
            "GET",
            cloud,
            "/storage/file",
            json={"filepath": f"{folder}/{name}", "userId": cloud_user},
        ).content
    except requests.exceptions.RequestException:
        print("skipped", name, flush=True)
        continue
    answer = ask(
        "POST",
        repository,
        f"{project}/files",
        files={"file": (name, content, "multipart/form-data")},
        data={"userId": repository_user, "filename": name, "username": "alice"},
    ).json()
    print("stored" if answer["success"] else f"failed ({answer['message']})", name, flush=True)

published = ask("PUT", repository, project, json={"userId": repository_user})
assert published.status_code == 200, published.text
print("published", published.json()["DOI"], flush=True)
