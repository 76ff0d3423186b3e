// The fabric8 client against a cluster, as operators in Java use it. Prints `ok - NAME` or `not ok - NAME: WHY` for each check.
package dev.kubedouble.checks;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, Check> checks = new LinkedHashMap<>();
    ObjectChecks.addTo(checks);
    ApplyChecks.addTo(checks);
    InformerChecks.addTo(checks);
    WorkloadChecks.addTo(checks);
    Config config = Config.fromKubeconfig(Files.readString(Path.of(System.getenv("KUBECONFIG"))));
    int failed = 0;
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      int number = 0;
      for (Map.Entry<String, Check> check : checks.entrySet()) {
        String namespace = "java-" + number++;
        try {
          client.namespaces().resource(new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build()).create();
          check.getValue().run(client, namespace);
          System.out.println("ok - fabric8: " + check.getKey());
        } catch (Throwable reason) {
          failed++;
          System.out.println("not ok - fabric8: " + check.getKey() + ": " + String.valueOf(reason).replace('\n', ' '));
        }
      }
    }
    // Threads of the client must not keep the program.
    System.exit(failed == 0 ? 0 : 1);
  }
}
