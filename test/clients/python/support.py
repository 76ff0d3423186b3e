"""What the checks share."""

import time

from kubernetes import client
from kubernetes.client.exceptions import ApiException

PATIENCE = 20


class Env:
    """A check's ways to the server, and a namespace of its own."""

    def __init__(self, api, namespace):
        self.api = api
        self.namespace = namespace
        self.core = client.CoreV1Api(api)
        self.apps = client.AppsV1Api(api)

    def create(self, name, data=None, **metadata):
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"app": "check"}, **metadata), data=data)
        return self.core.create_namespaced_config_map(self.namespace, body)


def want(what, expected, got):
    if expected != got:
        raise AssertionError(f"{what} is {got!r}, not {expected!r}")


def refused(code, what, action):
    """Runs what must be refused with this code; returns the refusal."""
    try:
        action()
    except ApiException as refusal:
        want(f"the code for {what}", code, refusal.status)
        return refusal
    raise AssertionError(f"{what} is not refused")


def until(what, condition):
    """Waits for a condition; returns what it returns."""
    end = time.monotonic() + PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"does not come: {what}")
        time.sleep(0.02)


def wait_for_service_account(env):
    accounts = client.CoreV1Api(env.api).list_namespaced_service_account
    until("the default service account", lambda: accounts(env.namespace, field_selector="metadata.name=default").items)
