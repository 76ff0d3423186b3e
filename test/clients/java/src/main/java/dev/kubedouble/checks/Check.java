// What a check is, and the few words it is written with.
package dev.kubedouble.checks;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;

@FunctionalInterface
interface Check {
  /** How long a check waits for what the cluster does by itself. */
  Duration PATIENCE = Duration.ofSeconds(20);

  void run(KubernetesClient client, String namespace) throws Exception;

  static void want(String what, Object expected, Object got) {
    if (!Objects.equals(expected, got)) {
      throw new AssertionError(what + " is " + got + ", not " + expected);
    }
  }

  /** Runs what must be refused with this code; returns the refusal. */
  static KubernetesClientException refused(int code, String what, Callable<?> action) throws Exception {
    try {
      action.call();
    } catch (KubernetesClientException refusal) {
      want("the code for " + what, code, refusal.getCode());
      return refusal;
    }
    throw new AssertionError(what + " is not refused");
  }

  static void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("does not come: " + what);
      }
      Thread.sleep(20);
    }
  }

  static ConfigMap configMap(String namespace, String name, Map<String, String> data) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .addToLabels("app", "check")
        .endMetadata()
        .withData(data)
        .build();
  }
}
