// Server-side apply: ownership, conflict, force, what is no longer applied.
package dev.kubedouble.checks;

import static dev.kubedouble.checks.Check.configMap;
import static dev.kubedouble.checks.Check.refused;
import static dev.kubedouble.checks.Check.want;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

final class ApplyChecks {
  private ApplyChecks() {}

  static void addTo(Map<String, Check> checks) {
    checks.put("server-side apply: conflict, force, removal", ApplyChecks::conflict);
    checks.put("server-side apply: a Deployment as its builder writes it, twice", ApplyChecks::deployment);
    checks.put("server-side apply: ports of a Service by their keys", ApplyChecks::service);
    checks.put("server-side apply: status", ApplyChecks::status);
  }

  private static PatchContext as(String manager, boolean force) {
    return new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY).withFieldManager(manager).withForce(force).build();
  }

  private static void conflict(KubernetesClient client, String namespace) throws Exception {
    ConfigMap one = client.resource(configMap(namespace, "applied", Map.of("a", "1", "b", "1"))).fieldManager("one").serverSideApply();
    want("the manager", "one", one.getMetadata().getManagedFields().get(0).getManager());
    KubernetesClientException refusal = refused(409, "a field of another", () -> client.resource(configMap(namespace, "applied", Map.of("a", "2"))).fieldManager("two").serverSideApply());
    want("the cause", "FieldManagerConflict", refusal.getStatus().getDetails().getCauses().get(0).getReason());
    want("the field", ".data.a", refusal.getStatus().getDetails().getCauses().get(0).getField());
    ConfigMap forced = client.resource(configMap(namespace, "applied", Map.of("a", "2"))).fieldManager("two").forceConflicts().serverSideApply();
    want("the data", Map.of("a", "2", "b", "1"), forced.getData());
    want("the managers", List.of("one", "two"), forced.getMetadata().getManagedFields().stream().map(ManagedFieldsEntry::getManager).sorted().collect(Collectors.toList()));
    ConfigMap less = client.resource(configMap(namespace, "applied", Map.of())).fieldManager("one").serverSideApply();
    want("the data no longer applied", Map.of("a", "2"), less.getData());
  }

  private static Deployment web(int replicas) {
    return new DeploymentBuilder()
        .withNewMetadata().withName("web").addToLabels("app", "web").endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewSelector().addToMatchLabels("app", "web").endSelector()
        .withNewTemplate()
        .withNewMetadata().addToLabels("app", "web").endMetadata()
        .withNewSpec()
        .addNewContainer().withName("web").withImage("nginx").addNewPort().withContainerPort(80).endPort().addNewEnv().withName("A").withValue("1").endEnv().endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static void deployment(KubernetesClient client, String namespace) {
    var deployments = client.apps().deployments().inNamespace(namespace);
    Deployment first = deployments.resource(web(1)).patch(as("java", true));
    Deployment second = deployments.resource(web(3)).patch(as("java", true));
    want("the generation after a change", first.getMetadata().getGeneration() + 1, second.getMetadata().getGeneration());
    Deployment third = deployments.resource(web(3)).patch(as("java", true));
    want("the generation without a change", second.getMetadata().getGeneration(), third.getMetadata().getGeneration());
    want("the containers", 1, third.getSpec().getTemplate().getSpec().getContainers().size());
  }

  private static void service(KubernetesClient client, String namespace) {
    var services = client.services().inNamespace(namespace);
    services.resource(new ServiceBuilder().withNewMetadata().withName("web").endMetadata().withNewSpec().addNewPort().withName("http").withPort(80).endPort().endSpec().build()).patch(as("one", false));
    var both = services.resource(new ServiceBuilder().withNewMetadata().withName("web").endMetadata().withNewSpec().addNewPort().withName("https").withPort(443).endPort().endSpec().build()).patch(as("two", false));
    want("the ports", List.of(80, 443), both.getSpec().getPorts().stream().map(port -> port.getPort()).collect(Collectors.toList()));
    var left = services.resource(new ServiceBuilder().withNewMetadata().withName("web").endMetadata().withNewSpec().endSpec().build()).patch(as("one", false));
    want("the ports that are left", List.of(443), left.getSpec().getPorts().stream().map(port -> port.getPort()).collect(Collectors.toList()));
  }

  private static void status(KubernetesClient client, String namespace) {
    var deployments = client.apps().deployments().inNamespace(namespace);
    // No replicas and paused: no controller writes conditions of this type.
    deployments.resource(web(0)).create();
    Deployment patched = deployments.resource(new DeploymentBuilder()
            .withNewMetadata().withName("web").endMetadata()
            .withNewStatus().addNewCondition().withType("Checked").withStatus("True").withReason("ByJava").endCondition().endStatus()
            .build())
        .subresource("status")
        .patch(as("status-writer", true));
    want("the condition", true, patched.getStatus().getConditions().stream().anyMatch(condition -> condition.getType().equals("Checked")));
    want("the subresource of the manager", "status", patched.getMetadata().getManagedFields().stream().filter(entry -> entry.getManager().equals("status-writer")).findFirst().orElseThrow().getSubresource());
  }
}
