// Workloads: rollout, scale, logs; leader election; access.
package dev.kubedouble.checks;

import static dev.kubedouble.checks.Check.refused;
import static dev.kubedouble.checks.Check.until;
import static dev.kubedouble.checks.Check.want;

import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

final class WorkloadChecks {
  private WorkloadChecks() {}

  static void addTo(Map<String, Check> checks) {
    checks.put("a Deployment from YAML, scaled, with the logs of its pods", WorkloadChecks::deployment);
    checks.put("leader election hands over", WorkloadChecks::leaderElection);
    checks.put("impersonation and bound tokens", WorkloadChecks::access);
  }

  private static void waitForServiceAccount(KubernetesClient client, String namespace) throws Exception {
    until("the default service account", () -> client.serviceAccounts().inNamespace(namespace).withName("default").get() != null);
  }

  private static void deployment(KubernetesClient client, String namespace) throws Exception {
    waitForServiceAccount(client, namespace);
    String yaml = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: busybox, command: [sh, -c, 'echo hello from java; sleep 3600']}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        """;
    want("the objects of the YAML", 2, client.load(new java.io.ByteArrayInputStream(yaml.getBytes(java.nio.charset.StandardCharsets.UTF_8))).inNamespace(namespace).create().size());
    var web = client.apps().deployments().inNamespace(namespace).withName("web");
    web.scale(2);
    web.waitUntilCondition(now -> now != null && now.getStatus() != null && Integer.valueOf(2).equals(now.getStatus().getAvailableReplicas()), Check.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    var pods = client.pods().inNamespace(namespace);
    var names = pods.withLabel("app", "web").list().getItems();
    want("the number of pods", 2, names.size());
    want("the log", "hello from java\n", pods.withName(names.get(0).getMetadata().getName()).getLog());
    until("two endpoints", () -> client.discovery().v1().endpointSlices().inNamespace(namespace).withLabel("kubernetes.io/service-name", "web").list().getItems().stream().mapToInt(slice -> slice.getEndpoints().size()).sum() == 2);
  }

  private static CompletableFuture<?> candidate(KubernetesClient client, String namespace, String identity, CompletableFuture<Void> leads) {
    return client.leaderElector()
        .withConfig(new LeaderElectionConfigBuilder()
            .withName("check")
            .withLock(new LeaseLock(namespace, "leader", identity))
            .withLeaseDuration(Duration.ofSeconds(15))
            .withRenewDeadline(Duration.ofSeconds(10))
            .withRetryPeriod(Duration.ofMillis(100))
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(new LeaderCallbacks(() -> leads.complete(null), () -> {}, leader -> {}))
            .build())
        .build()
        .start();
  }

  private static void leaderElection(KubernetesClient client, String namespace) throws Exception {
    CompletableFuture<Void> first = new CompletableFuture<>();
    CompletableFuture<Void> second = new CompletableFuture<>();
    CompletableFuture<?> one = candidate(client, namespace, "one", first);
    first.get(Check.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    CompletableFuture<?> two = candidate(client, namespace, "two", second);
    // The second tries several times in this second and must not get it.
    Thread.sleep(1000);
    want("two lead at once", false, second.isDone());
    one.cancel(true);
    second.get(Check.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    until("the Lease names the second", () -> "two".equals(client.leases().inNamespace(namespace).withName("leader").get().getSpec().getHolderIdentity()));
    two.cancel(true);
  }

  private static void access(KubernetesClient client, String namespace) throws Exception {
    Config impersonating = new ConfigBuilder(client.getConfiguration()).withImpersonateUsername("nobody").withImpersonateGroups("system:authenticated").build();
    try (KubernetesClient nobody = new KubernetesClientBuilder().withConfig(impersonating).build()) {
      want("the reason", "Forbidden", refused(403, "secrets for a user without rights", () -> nobody.secrets().inNamespace(namespace).list()).getStatus().getReason());
    }
    waitForServiceAccount(client, namespace);
    String token = client.serviceAccounts().inNamespace(namespace).withName("default").tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build()).getStatus().getToken();
    Config withToken = new ConfigBuilder(Config.empty())
        .withMasterUrl(client.getConfiguration().getMasterUrl())
        .withCaCertData(client.getConfiguration().getCaCertData())
        .withOauthToken(token)
        .build();
    try (KubernetesClient account = new KubernetesClientBuilder().withConfig(withToken).build()) {
      var review = account.resource(new io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder().build()).create();
      want("the user", "system:serviceaccount:" + namespace + ":default", review.getStatus().getUserInfo().getUsername());
    }
  }
}
