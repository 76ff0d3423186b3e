"""Typed objects: life cycle, errors, patches, pages, deletion of many."""

import json

from kubernetes import client

from support import refused, want


def lifecycle(env):
    created = env.create("one", {"a": "1"})
    want("the type of the time", "datetime", type(created.metadata.creation_timestamp).__name__)
    created.data["b"] = "2"
    replaced = env.core.replace_namespaced_config_map("one", env.namespace, created)
    want("the data", {"a": "1", "b": "2"}, replaced.data)
    want("the uid", created.metadata.uid, replaced.metadata.uid)
    refused(409, "an old version", lambda: env.core.replace_namespaced_config_map("one", env.namespace, created))
    deleted = env.core.delete_namespaced_config_map("one", env.namespace)
    want("the answer to a deletion", ("Success", "one"), (deleted.status, deleted.details.name))
    refused(404, "a read after deletion", lambda: env.core.read_namespaced_config_map("one", env.namespace))


def errors(env):
    env.create("one")
    body = json.loads(refused(409, "a second one", lambda: env.create("one")).body)
    want("the reason", "AlreadyExists", body["reason"])
    body = json.loads(refused(422, "a bad name", lambda: env.create("No Name")).body)
    want("the field", "metadata.name", body["details"]["causes"][0]["field"])
    strict = lambda: env.core.create_namespaced_config_map(env.namespace, {"metadata": {"name": "two"}, "nonsense": 1}, field_validation="Strict")
    message = json.loads(refused(400, "an unknown field", strict).body)["message"]
    want("the message of strict decoding", True, 'strict decoding error: unknown field "nonsense"' in message)
    _, _, headers = env.core.create_namespaced_config_map_with_http_info(
        env.namespace, {"metadata": {"name": "two"}, "nonsense": 1}, field_validation="Warn", dry_run="All"
    )
    want("the warning", '299 - "unknown field \\"nonsense\\""', headers.get("Warning"))


def patches(env):
    env.create("one", {"a": "1"})
    # The client sends a list as a JSON patch and anything else as a strategic merge patch.
    patched = env.core.patch_namespaced_config_map("one", env.namespace, [{"op": "replace", "path": "/data/a", "value": "2"}])
    want("the JSON patch", {"a": "2"}, patched.data)
    patched = env.core.patch_namespaced_config_map("one", env.namespace, {"data": {"a": None, "b": "3"}})
    want("the merge patch", {"b": "3"}, patched.data)
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}
    container = {"name": "main", "image": "nginx"}
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [container]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": "x"}}, "template": template}
    env.apps.create_namespaced_deployment(env.namespace, {"metadata": {"name": "x"}, "spec": spec})
    merged = env.apps.patch_namespaced_deployment("x", env.namespace, patch)
    want("the containers", {"main", "side"}, {each.name for each in merged.spec.template.spec.containers})


def apply(env):
    def applied(manager, data, force=None):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": data}
        return env.core.patch_namespaced_config_map(
            "one", env.namespace, body, field_manager=manager, force=force, _content_type="application/apply-patch+yaml"
        )

    applied("one", {"a": "1", "b": "1"})
    body = json.loads(refused(409, "a field of another", lambda: applied("two", {"a": "2"})).body)
    want("the causes", [("FieldManagerConflict", ".data.a")], [(each["reason"], each["field"]) for each in body["details"]["causes"]])
    applied("two", {"a": "2"}, force=True)
    want("what is left", {"a": "2"}, applied("one", {}).data)


def pages(env):
    for index in range(5):
        env.create(f"page-{index}")
    names, token, count = [], None, 0
    while count == 0 or token:
        page = env.core.list_namespaced_config_map(env.namespace, label_selector="app=check", limit=2, _continue=token)
        names += [each.metadata.name for each in page.items]
        token = page.metadata._continue
        count += 1
    want("the pages", (3, [f"page-{index}" for index in range(5)]), (count, names))
    env.core.delete_collection_namespaced_config_map(env.namespace, label_selector="app=check")
    want("the rest", 0, len(env.core.list_namespaced_config_map(env.namespace, label_selector="app=check").items))


def about(env):
    want("the version", "v1.36.3", client.VersionApi(env.api).get_code().git_version)
    groups = {group.name for group in client.ApisApi(env.api).get_api_versions().groups}
    want("the groups", True, {"apps", "batch", "rbac.authorization.k8s.io", "coordination.k8s.io"} <= groups)
    review = client.AuthorizationV1Api(env.api).create_self_subject_access_review(
        {"spec": {"resourceAttributes": {"verb": "create", "resource": "pods", "namespace": env.namespace}}}
    )
    want("the right to create pods", True, review.status.allowed)


checks = [
    ("create, read, replace, delete", lifecycle),
    ("errors, strict fields and warnings", errors),
    ("JSON, merge and strategic merge patches", patches),
    ("server-side apply: conflict, force, removal", apply),
    ("pages and deletion of many", pages),
    ("version, groups and access", about),
]
