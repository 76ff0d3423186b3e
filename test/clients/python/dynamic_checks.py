"""The dynamic client, which finds its resources by discovery."""

from kubernetes import dynamic, utils
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError, ResourceNotFoundError

from support import PATIENCE, want


def config_map(name, data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"app": "check"}}, "data": data}


def resources(env):
    found = dynamic.DynamicClient(env.api).resources
    want("the name of Deployment", "deployments", found.get(api_version="apps/v1", kind="Deployment").name)
    want("the short name of Ingress", ["ing"], found.get(kind="Ingress").short_names)
    try:
        found.get(api_version="example.com/v1", kind="Nothing")
    except ResourceNotFoundError:
        return
    raise AssertionError("a kind that is none was found")


def objects(env):
    maps = dynamic.DynamicClient(env.api).resources.get(api_version="v1", kind="ConfigMap")
    maps.create(config_map("one", {"a": "1"}), namespace=env.namespace)
    patched = maps.patch({"metadata": {"name": "one"}, "data": {"b": "2"}}, namespace=env.namespace, content_type="application/merge-patch+json")
    want("the data", {"a": "1", "b": "2"}, patched.data.to_dict())
    want("the list", ["one"], [each.metadata.name for each in maps.get(namespace=env.namespace, label_selector="app=check").items])
    version = maps.get(namespace=env.namespace).metadata.resourceVersion
    maps.delete("one", namespace=env.namespace)
    for event in maps.watch(namespace=env.namespace, resource_version=version, timeout=PATIENCE):
        want("the event", ("DELETED", "one"), (event["type"], event["object"].metadata.name))
        break
    try:
        maps.get("one", namespace=env.namespace)
    except NotFoundError:
        return
    raise AssertionError("it is there after its deletion")


def server_side_apply(env):
    maps = dynamic.DynamicClient(env.api).resources.get(api_version="v1", kind="ConfigMap")
    maps.server_side_apply(config_map("one", {"a": "1"}), namespace=env.namespace, field_manager="one")
    try:
        maps.server_side_apply(config_map("one", {"a": "2"}), namespace=env.namespace, field_manager="two")
        raise AssertionError("a field of another is not refused")
    except ConflictError:
        pass
    forced = maps.server_side_apply(config_map("one", {"a": "2"}), namespace=env.namespace, field_manager="two", force_conflicts=True)
    want("the data", {"a": "2"}, forced.data.to_dict())


def from_yaml(env):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
    listed = {"apiVersion": "v1", "kind": "List", "items": [config_map("one", {}), service]}
    utils.create_from_dict(env.api, listed, namespace=env.namespace)
    want("the port", 80, env.core.read_namespaced_service("web", env.namespace).spec.ports[0].port)


checks = [
    ("dynamic: resources by discovery", resources),
    ("dynamic: objects and watch", objects),
    ("dynamic: server-side apply", server_side_apply),
    ("objects of a List by create_from_dict", from_yaml),
]
