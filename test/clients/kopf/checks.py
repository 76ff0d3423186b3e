"""A kopf operator against a cluster. Prints `ok - NAME` or `not ok - NAME: WHY` for each check; KUBECONFIG says where the cluster is."""

import os
import sys
import time
from pathlib import Path

import yaml
from kopf.testing import KopfRunner
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

PATIENCE = 20
# The operator's runner takes what is printed for its own.
printed = sys.stdout
NAMESPACE = "kopf"
GARDENS = ("plants.kubedouble.dev", "v1", NAMESPACE, "gardens")
here = Path(__file__).parent


def until(what, condition):
    """Waits for a condition; returns what it returns."""
    end = time.monotonic() + PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"does not come: {what}")
        time.sleep(0.05)


def want(what, expected, got):
    if expected != got:
        raise AssertionError(f"{what} is {got!r}, not {expected!r}")


def absent(get):
    try:
        get()
        return False
    except ApiException as refusal:
        return refusal.status == 404


class Checks:
    def __init__(self, api):
        self.core = client.CoreV1Api(api)
        self.custom = client.CustomObjectsApi(api)
        self.extensions = client.ApiextensionsV1Api(api)

    def install(self):
        definition = yaml.safe_load((here / "crd.yaml").read_text())
        self.extensions.create_custom_resource_definition(definition)
        self.core.create_namespace({"metadata": {"name": NAMESPACE}})

        def established():
            conditions = self.extensions.read_custom_resource_definition(definition["metadata"]["name"]).status.conditions or []
            return any(one.type == "Established" and one.status == "True" for one in conditions)

        until("the definition is established", established)

    def garden(self, name):
        return self.custom.get_namespaced_custom_object(*GARDENS, name)

    def plant(self, name, spec, labels=None):
        body = {
            "apiVersion": "plants.kubedouble.dev/v1",
            "kind": "Garden",
            "metadata": {"name": name, "labels": labels or {}},
            "spec": spec,
        }
        return self.custom.create_namespaced_custom_object(*GARDENS, body)

    def status(self, name, field):
        return until(f"status.{field} of {name}", lambda: self.garden(name).get("status", {}).get(field))

    def creation(self):
        self.plant("small", {"beds": 3})
        want("the phase", "Planted", self.status("small", "phase"))
        want("the handler's result", {"beds": 3}, self.status("small", "planted"))
        garden = self.garden("small")
        want("the finalizers", ["plants.kubedouble.dev/kopf"], garden["metadata"]["finalizers"])
        plan = self.core.read_namespaced_config_map("small-plan", NAMESPACE)
        want("the owner", garden["metadata"]["uid"], plan.metadata.owner_references[0].uid)

    def event(self):
        def told():
            events = self.core.list_namespaced_event(NAMESPACE, field_selector="reason=Planted").items
            return any(one.message == "3 beds are planted" and one.involved_object.name == "small" for one in events)

        until("an event of the handler", told)

    def change(self):
        self.custom.patch_namespaced_custom_object(*GARDENS, "small", {"spec": {"beds": 4, "flowers": ["rose"]}})
        changes = self.status("small", "changes")
        want("the diff", [["add", "spec.flowers", None, ["rose"]], ["change", "spec.beds", 3, 4]], sorted(changes))
        want("the field's handler", {"new": ["rose"]}, self.status("small", "flowers"))

    def timer(self):
        self.plant("wet", {}, {"water": "yes"})
        until("a second watering", lambda: self.garden("wet").get("status", {}).get("watered", 0) >= 2)
        want("the gardens in the index", 2, self.status("wet", "gardens"))
        self.custom.patch_namespaced_custom_object(*GARDENS, "wet", {"metadata": {"labels": {"water": None}}})

    def daemon(self):
        self.plant("castle", {}, {"guard": "yes"})
        guard = lambda: self.core.read_namespaced_config_map("castle-guard", NAMESPACE)
        until("the daemon stands", lambda: not absent(guard))
        self.custom.delete_namespaced_custom_object(*GARDENS, "castle")
        until("the daemon lets go", lambda: absent(lambda: self.garden("castle")))
        want("whether the daemon has ended", True, absent(guard))

    def deletion(self):
        self.custom.delete_namespaced_custom_object(*GARDENS, "small")
        until("the garden is gone", lambda: absent(lambda: self.garden("small")))
        self.core.read_namespaced_config_map("small-was-here", NAMESPACE)
        plan = lambda: self.core.read_namespaced_config_map("small-plan", NAMESPACE)
        until("its plan is collected", lambda: absent(plan))


def main():
    api = config.load_kube_config(os.environ["KUBECONFIG"])
    checks = Checks(api)
    checks.install()
    named = [
        ("a handler of creation, its result, a finalizer and an adopted child", checks.creation),
        ("an event posted by a handler", checks.event),
        ("a handler of changes with its diff, after a retry", checks.change),
        ("a timer and an index", checks.timer),
        ("a daemon that ends with its object", checks.daemon),
        ("a handler of deletion", checks.deletion),
    ]
    failed = 0
    with KopfRunner(["run", "--standalone", "--namespace", NAMESPACE, str(here / "operator_of_gardens.py")], timeout=60) as runner:
        for name, check in named:
            try:
                check()
                print(f"ok - kopf: {name}", file=printed, flush=True)
            except Exception as error:  # Whatever it is, the next check goes on.
                failed += 1
                print(f"not ok - kopf: {name}: {type(error).__name__}: {' '.join(str(error).split())[:1000]}", file=printed, flush=True)
    if runner.exit_code != 0 or runner.exception is not None:
        failed += 1
        print(f"not ok - kopf: the operator ends well: {runner.exit_code} {runner.exception!r}")
    if failed:
        print(runner.output, file=sys.stderr)
    sys.exit(1 if failed else 0)


main()
