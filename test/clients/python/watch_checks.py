"""Watches as scripts and operators use them."""

import threading
import time

from kubernetes import informer, watch
from kubernetes.client.exceptions import ApiException

from support import PATIENCE, until, want


def change(env):
    env.create("late")
    env.core.patch_namespaced_config_map("late", env.namespace, {"data": {"k": "v"}})
    env.core.delete_namespaced_config_map("late", env.namespace)


def follows(env):
    env.create("early")
    thread = threading.Timer(0, change, [env])
    seen = []
    stream = watch.Watch()
    # The first event comes from the list: only then is there something to change.
    for event in stream.stream(env.core.list_namespaced_config_map, env.namespace, label_selector="app=check", timeout_seconds=PATIENCE):
        seen.append((event["type"], event["object"].metadata.name))
        if len(seen) == 1:
            thread.start()
        if len(seen) == 4:
            stream.stop()
    thread.join()
    want("the events", [("ADDED", "early"), ("ADDED", "late"), ("MODIFIED", "late"), ("DELETED", "late")], seen)


def goes_on(env):
    version = env.core.list_namespaced_config_map(env.namespace).metadata.resource_version
    change(env)
    seen = []
    stream = watch.Watch()
    for event in stream.stream(env.core.list_namespaced_config_map, env.namespace, resource_version=version, label_selector="app=check", timeout_seconds=PATIENCE):
        seen.append((event["type"], event["raw_object"]["metadata"]["name"]))
        if len(seen) == 3:
            stream.stop()
    want("the events since the list", [("ADDED", "late"), ("MODIFIED", "late"), ("DELETED", "late")], seen)


def ends(env):
    env.create("early")
    started = time.monotonic()
    seen = [event["type"] for event in watch.Watch().stream(env.core.list_namespaced_config_map, env.namespace, label_selector="app=check", timeout_seconds=1)]
    want("the events", ["ADDED"], seen)
    want("it ends after its time", True, 0.9 < time.monotonic() - started < PATIENCE)


def bad_version(env):
    try:
        for _ in watch.Watch().stream(env.core.list_namespaced_config_map, env.namespace, resource_version="nonsense", timeout_seconds=1):
            pass
    except ApiException as refusal:
        want("the code", 500, refusal.status)
        return
    raise AssertionError("a revision that is none is not refused")


def shared_informer(env):
    for index in range(10):
        env.create(f"early-{index}")
    seen = set()
    shared = informer.SharedInformer(env.core.list_namespaced_config_map, namespace=env.namespace, label_selector="app=check")
    for kind in (informer.ADDED, informer.MODIFIED, informer.DELETED):
        shared.add_event_handler(kind, lambda each, kind=kind: each.metadata.name == "late" and seen.add(kind))
    shared.start()
    try:
        until("10 objects in the cache", lambda: len(shared.cache.list()) == 10)
        change(env)
        until("all events", lambda: seen == {informer.ADDED, informer.MODIFIED, informer.DELETED})
        want("the cache afterwards", 10, len(shared.cache.list()))
    finally:
        shared.stop()


checks = [
    ("informer with its cache", shared_informer),
    ("watch from a list to a deletion", follows),
    ("watch from a revision", goes_on),
    ("watch ends after timeout_seconds", ends),
    ("watch from a revision that is none", bad_version),
]
