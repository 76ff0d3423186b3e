"""The Python client against a cluster. Prints `ok - NAME` or `not ok - NAME: WHY` for each check; KUBECONFIG says where the cluster is."""

import os
import sys

from kubernetes import client, config

from support import Env
import dynamic_checks
import object_checks
import watch_checks
import workload_checks

checks = object_checks.checks + watch_checks.checks + dynamic_checks.checks + workload_checks.checks


def main():
    api = config.new_client_from_config(os.environ["KUBECONFIG"])
    failed = 0
    for number, (name, check) in enumerate(checks):
        namespace = f"python-{number}"
        try:
            client.CoreV1Api(api).create_namespace({"metadata": {"name": namespace}})
            check(Env(api, namespace))
            print(f"ok - python: {name}", flush=True)
        except (Exception, SystemExit) as error:  # Whatever it is, the next check goes on.
            failed += 1
            print(f"not ok - python: {name}: {type(error).__name__}: {' '.join(str(error).split())[:1000]}", flush=True)
    sys.exit(1 if failed else 0)


main()
