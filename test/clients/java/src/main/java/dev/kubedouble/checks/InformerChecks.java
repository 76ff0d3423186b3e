// Watches and informers.
package dev.kubedouble.checks;

import static dev.kubedouble.checks.Check.configMap;
import static dev.kubedouble.checks.Check.until;
import static dev.kubedouble.checks.Check.want;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

final class InformerChecks {
  private InformerChecks() {}

  static void addTo(Map<String, Check> checks) {
    checks.put("watch over WebSocket", InformerChecks::watch);
    checks.put("informer with indexer", InformerChecks::informer);
    checks.put("informer of generic resources", InformerChecks::genericInformer);
    checks.put("wait until a condition holds", InformerChecks::waitFor);
  }

  private static void watch(KubernetesClient client, String namespace) throws Exception {
    var maps = client.configMaps().inNamespace(namespace).withLabel("app", "check");
    List<String> seen = new CopyOnWriteArrayList<>();
    AtomicReference<WatcherException> closed = new AtomicReference<>();
    Watcher<ConfigMap> watcher = new Watcher<>() {
      @Override
      public void eventReceived(Action action, ConfigMap map) {
        seen.add(action + " " + map.getMetadata().getName());
      }

      @Override
      public void onClose(WatcherException cause) {
        closed.set(cause);
      }
    };
    try (var open = maps.watch(watcher)) {
      change(client, namespace);
      until("three events", () -> seen.size() >= 3);
    }
    want("the events", List.of("ADDED late", "MODIFIED late", "DELETED late"), List.copyOf(seen));
    want("why it closed", null, closed.get());
  }

  private static void change(KubernetesClient client, String namespace) {
    client.resource(configMap(namespace, "late", Map.of())).create();
    client.configMaps().inNamespace(namespace).withName("late").edit(map -> new ConfigMapBuilder(map).addToData("k", "v").build());
    client.configMaps().inNamespace(namespace).withName("late").delete();
  }

  /** Notes the events of the object called late. */
  private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> ResourceEventHandler<T> noting(List<String> seen) {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(T object) {
        note("added", object);
      }

      @Override
      public void onUpdate(T before, T object) {
        note("updated", object);
      }

      @Override
      public void onDelete(T object, boolean unknown) {
        note("deleted", object);
      }

      private void note(String what, T object) {
        if (object.getMetadata().getName().equals("late")) {
          seen.add(what);
        }
      }
    };
  }

  private static void informer(KubernetesClient client, String namespace) throws Exception {
    for (int index = 0; index < 20; index++) {
      client.resource(configMap(namespace, "early-" + index, Map.of("parity", index % 2 == 0 ? "even" : "odd"))).create();
    }
    List<String> seen = new CopyOnWriteArrayList<>();
    try (var informer = client.configMaps().inNamespace(namespace).withLabel("app", "check").runnableInformer(0)) {
      informer.addIndexers(Map.of("parity", map -> List.of(map.getData() == null ? "none" : map.getData().getOrDefault("parity", "none"))));
      informer.addEventHandler(noting(seen));
      informer.start().toCompletableFuture().get(Check.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      until("20 objects in the store", () -> informer.getStore().list().size() == 20);
      want("the even ones by index", 10, informer.getIndexer().byIndex("parity", "even").size());
      change(client, namespace);
      until("all events", () -> seen.containsAll(List.of("added", "updated", "deleted")));
    }
  }

  private static void genericInformer(KubernetesClient client, String namespace) throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    try (var informer = client.genericKubernetesResources("v1", "ConfigMap").inNamespace(namespace).inform(noting(seen))) {
      change(client, namespace);
      until("all events", () -> seen.containsAll(List.of("added", "updated", "deleted")));
      want("it watches", true, informer.isWatching());
    }
  }

  private static void waitFor(KubernetesClient client, String namespace) throws Exception {
    var waiting = client.configMaps().inNamespace(namespace).withName("late").informOnCondition(found -> found.stream().anyMatch(map -> map.getData() != null && "v".equals(map.getData().get("k"))));
    client.resource(configMap(namespace, "late", Map.of("k", "v"))).create();
    want("the objects", 1, waiting.get(Check.PATIENCE.toSeconds(), TimeUnit.SECONDS).size());
  }
}
