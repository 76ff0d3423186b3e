"""Workloads: rollout, scale, logs, eviction; leader election; tokens."""

import json
import threading
import time

from kubernetes import client, watch
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock

from support import PATIENCE, until, wait_for_service_account, want


def deployment(env):
    wait_for_service_account(env)
    container = {"name": "web", "image": "busybox", "command": ["sh", "-c", "echo hello from python; sleep 3600"]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    env.apps.create_namespaced_deployment(
        env.namespace, {"metadata": {"name": "web"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template}}
    )
    env.apps.patch_namespaced_deployment_scale("web", env.namespace, {"spec": {"replicas": 2}})
    until("two replicas", lambda: env.apps.read_namespaced_deployment_status("web", env.namespace).status.available_replicas == 2)
    pods = env.core.list_namespaced_pod(env.namespace, label_selector="app=web", field_selector="status.phase=Running").items
    want("the pods", 2, len(pods))
    name = pods[0].metadata.name
    # Without _preload_content=False, this version of the client gives the text of a bytes literal, whatever the server.
    want("the log", b"hello from python\n", env.core.read_namespaced_pod_log(name, env.namespace, _preload_content=False).data)
    follow = watch.Watch()
    for line in follow.stream(env.core.read_namespaced_pod_log, name, env.namespace):
        want("the followed line", "hello from python", line)
        follow.stop()
    env.core.create_namespaced_pod_eviction(name, env.namespace, {"metadata": {"name": name}, "deleteOptions": {"gracePeriodSeconds": 0}})
    names = lambda: {each.metadata.name for each in env.core.list_namespaced_pod(env.namespace, field_selector="status.phase=Running").items}
    until("another pod in its place", lambda: len(names()) == 2 and name not in names())


def leader_election(env):
    leads = {"one": threading.Event(), "two": threading.Event()}
    ended = threading.Event()

    def candidate(identity):
        def on_started():
            leads[identity].set()
            ended.wait()

        lock = ConfigMapLock("leader", env.namespace, identity)
        lock.api_instance = env.core
        election = electionconfig.Config(lock, lease_duration=15, renew_deadline=10, retry_period=1.1, onstarted_leading=on_started, onstopped_leading=lambda: None)
        threading.Thread(target=leaderelection.LeaderElection(election).run, daemon=True).start()

    candidate("one")
    want("the first leads", True, leads["one"].wait(PATIENCE))
    candidate("two")
    time.sleep(1)
    want("the second leads too", False, leads["two"].is_set())
    record = env.core.read_namespaced_config_map("leader", env.namespace).metadata.annotations["control-plane.alpha.kubernetes.io/leader"]
    want("the holder", "one", json.loads(record)["holderIdentity"])
    ended.set()


def tokens(env):
    wait_for_service_account(env)
    token = env.core.create_namespaced_service_account_token("default", env.namespace, {"spec": {"expirationSeconds": 600}}).status.token
    configuration = client.Configuration()
    configuration.host = env.api.configuration.host
    configuration.ssl_ca_cert = env.api.configuration.ssl_ca_cert
    configuration.api_key = {"authorization": f"Bearer {token}"}
    with client.ApiClient(configuration) as account:
        review = client.AuthenticationV1Api(account).create_self_subject_review({})
        want("the user", f"system:serviceaccount:{env.namespace}:default", review.status.user_info.username)


checks = [
    ("a Deployment scaled, its logs, an eviction", deployment),
    ("leader election over a ConfigMap", leader_election),
    ("bound tokens", tokens),
]
