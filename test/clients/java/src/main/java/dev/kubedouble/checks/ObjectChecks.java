// Objects: typed and generic, patches, pages, deletion, what the server says about itself.
package dev.kubedouble.checks;

import static dev.kubedouble.checks.Check.configMap;
import static dev.kubedouble.checks.Check.refused;
import static dev.kubedouble.checks.Check.until;
import static dev.kubedouble.checks.Check.want;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;

final class ObjectChecks {
  private ObjectChecks() {}

  static void addTo(Map<String, Check> checks) {
    checks.put("create, get, edit, replace, delete", ObjectChecks::lifecycle);
    checks.put("errors have their codes, reasons and causes", ObjectChecks::errors);
    checks.put("JSON, merge and strategic merge patches", ObjectChecks::patches);
    checks.put("pages and selectors", ObjectChecks::pages);
    checks.put("generic resources by discovery", ObjectChecks::generic);
    checks.put("deletion in the background and in the foreground", ObjectChecks::deletion);
    checks.put("version and API groups", ObjectChecks::about);
  }

  private static void lifecycle(KubernetesClient client, String namespace) {
    var maps = client.configMaps().inNamespace(namespace);
    ConfigMap created = maps.resource(configMap(namespace, "one", Map.of("a", "1"))).create();
    ConfigMap edited = maps.withName("one").edit(map -> new ConfigMapBuilder(map).addToData("b", "2").build());
    want("the uid", created.getMetadata().getUid(), edited.getMetadata().getUid());
    want("the data after edit", Map.of("a", "1", "b", "2"), edited.getData());
    ConfigMap replaced = maps.resource(new ConfigMapBuilder(edited).withData(Map.of("c", "3")).build()).update();
    want("the data after update", Map.of("c", "3"), replaced.getData());
    want("the number of objects deleted", 1, maps.withName("one").delete().size());
    want("the object after deletion", null, maps.withName("one").get());
  }

  private static void errors(KubernetesClient client, String namespace) throws Exception {
    var maps = client.configMaps().inNamespace(namespace);
    ConfigMap first = maps.resource(configMap(namespace, "one", Map.of())).create();
    want("the reason", "AlreadyExists", refused(409, "a second one", () -> maps.resource(configMap(namespace, "one", Map.of())).create()).getStatus().getReason());
    KubernetesClientException invalid = refused(422, "a bad name", () -> maps.resource(configMap(namespace, "No Name", Map.of())).create());
    want("the field", "metadata.name", invalid.getStatus().getDetails().getCauses().get(0).getField());
    maps.withName("one").edit(map -> new ConfigMapBuilder(map).addToData("b", "2").build());
    want("the reason", "Conflict", refused(409, "an old version", () -> maps.resource(first).lockResourceVersion(first.getMetadata().getResourceVersion()).update()).getStatus().getReason());
  }

  private static void patches(KubernetesClient client, String namespace) throws Exception {
    var map = client.configMaps().inNamespace(namespace).withName("one");
    client.resource(configMap(namespace, "one", Map.of("a", "1"))).create();
    want("the merge patch", Map.of("b", "2"), map.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"a\":null,\"b\":\"2\"}}").getData());
    want("the strategic merge patch", Map.of("c", "3"), map.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"$patch\":\"replace\",\"c\":\"3\"}}").getData());
    want("the JSON patch", Map.of("c", "4"), map.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"test\",\"path\":\"/data/c\",\"value\":\"3\"},{\"op\":\"replace\",\"path\":\"/data/c\",\"value\":\"4\"}]").getData());
    refused(422, "a test that fails", () -> map.patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"test\",\"path\":\"/data/c\",\"value\":\"3\"}]"));
  }

  private static void pages(KubernetesClient client, String namespace) {
    var maps = client.configMaps().inNamespace(namespace);
    for (int index = 0; index < 5; index++) {
      maps.resource(configMap(namespace, "page-" + index, Map.of())).create();
    }
    client.resource(new ConfigMapBuilder().withNewMetadata().withNamespace(namespace).withName("other").endMetadata().build()).create();
    int pages = 0;
    int found = 0;
    String next = null;
    do {
      ConfigMapList page = maps.withLabel("app", "check").list(new ListOptionsBuilder().withLimit(2L).withContinue(next).build());
      found += page.getItems().size();
      next = page.getMetadata().getContinue();
      pages++;
    } while (next != null && !next.isEmpty());
    want("the number of pages", 3, pages);
    want("the number of objects", 5, found);
    want("the number by field", 1, maps.withField("metadata.name", "other").list().getItems().size());
    want("the number without the label", true, maps.withLabelNotIn("app", "check").list().getItems().stream().anyMatch(map -> map.getMetadata().getName().equals("other")));
  }

  private static void generic(KubernetesClient client, String namespace) {
    var maps = client.genericKubernetesResources("v1", "ConfigMap").inNamespace(namespace);
    GenericKubernetesResource one = new GenericKubernetesResource();
    one.setApiVersion("v1");
    one.setKind("ConfigMap");
    one.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMetaBuilder().withName("one").build());
    one.setAdditionalProperty("data", Map.of("a", "1"));
    GenericKubernetesResource created = maps.resource(one).create();
    want("the data", "1", created.get("data", "a"));
    want("the number of roles", true, !client.genericKubernetesResources("rbac.authorization.k8s.io/v1", "ClusterRole").list().getItems().isEmpty());
  }

  private static void deletion(KubernetesClient client, String namespace) throws Exception {
    for (DeletionPropagation propagation : new DeletionPropagation[] {DeletionPropagation.BACKGROUND, DeletionPropagation.FOREGROUND}) {
      ConfigMap owner = client.resource(configMap(namespace, "owner", Map.of())).create();
      ConfigMap owned = new ConfigMapBuilder(configMap(namespace, "owned", Map.of()))
          .editMetadata()
          .withOwnerReferences(new OwnerReferenceBuilder().withApiVersion("v1").withKind("ConfigMap").withName("owner").withUid(owner.getMetadata().getUid()).withBlockOwnerDeletion(true).build())
          .endMetadata()
          .build();
      client.resource(owned).create();
      client.resource(owner).withPropagationPolicy(propagation).delete();
      until("both are gone, " + propagation, () -> client.resource(owner).get() == null && client.resource(owned).get() == null);
    }
  }

  private static void about(KubernetesClient client, String namespace) {
    want("the minor version", "36", client.getKubernetesVersion().getMinor());
    want("apps is served", true, client.getApiGroups().getGroups().stream().anyMatch(group -> group.getName().equals("apps")));
    want("deployments are served", true, client.getApiResources("apps/v1").getResources().stream().anyMatch(resource -> resource.getName().equals("deployments")));
    want("pods are supported", true, client.supports(io.fabric8.kubernetes.api.model.Pod.class));
  }
}
