"""An operator in kopf: handlers of creation, change and deletion, a field, a timer, a daemon, an index and children of its own."""

import kopf
from kubernetes import client


@kopf.on.startup()
def configure(settings, **_):
    settings.posting.level = 20
    settings.persistence.finalizer = "plants.kubedouble.dev/kopf"
    settings.watching.server_timeout = 60
    settings.networking.request_timeout = 30


@kopf.index("gardens")
def by_beds(namespace, name, spec, **_):
    return {spec.get("beds"): (namespace, name)}


@kopf.on.create("gardens")
def planted(spec, name, namespace, body, patch, **_):
    child = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{name}-plan"},
        "data": {"beds": str(spec["beds"])},
    }
    kopf.adopt(child, owner=body)
    client.CoreV1Api().create_namespaced_config_map(namespace, child)
    kopf.info(body, reason="Planted", message=f"{spec['beds']} beds are planted")
    patch.status["phase"] = "Planted"
    return {"beds": spec["beds"]}


@kopf.on.update("gardens")
def changed(diff, old, new, retry, patch, **_):
    if retry == 0:
        raise kopf.TemporaryError("the gardener has a break", delay=0.1)
    patch.status["changes"] = [[operation, ".".join(field), before, after] for operation, field, before, after in diff]


@kopf.on.field("gardens", field="spec.flowers")
def flowers(old, new, patch, **_):
    patch.status["flowers"] = {"old": old, "new": new}


@kopf.on.delete("gardens", labels={"guard": kopf.ABSENT})
def removed(name, namespace, **_):
    client.CoreV1Api().create_namespaced_config_map(namespace, {"metadata": {"name": f"{name}-was-here"}})


@kopf.timer("gardens", interval=0.3, when=lambda meta, **_: meta.get("labels", {}).get("water") == "yes")
def watered(status, patch, by_beds, **_):
    patch.status["watered"] = status.get("watered", 0) + 1
    patch.status["gardens"] = sum(len(found) for found in by_beds.values())


@kopf.daemon("gardens", labels={"guard": "yes"}, cancellation_timeout=5)
def guarded(stopped, name, namespace, **_):
    core = client.CoreV1Api()
    core.create_namespaced_config_map(namespace, {"metadata": {"name": f"{name}-guard"}})
    stopped.wait(60)
    core.delete_namespaced_config_map(f"{name}-guard", namespace)
