package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.openshift.api.model.monitoring.v1.PodMonitor;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the chart gives to Prometheus and Grafana: of the right shape, and about real metrics. */
@ExtendWith(ApiServerExtension.class)
class MonitoringIT {
  private static final String[] EVERYTHING = {
    "--set=metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.labels.release=prometheus",
    "--set=metrics.podMonitor.enabled=true",
    "--set=metrics.prometheusRule.enabled=true",
    "--set=metrics.grafanaDashboard.enabled=true",
    "--set=watchNamespaces={team-a}"
  };

  private final Release release;

  MonitoringIT(ApiServer server) {
    this.release = new Release(server);
  }

  @Test
  void shouldMakeNothingOfItUnlessAsked() {
    Set<String> kinds =
        new TreeSet<>(release.objects().stream().map(HasMetadata::getKind).toList());
    for (String kind : List.of("ServiceMonitor", "PodMonitor", "PrometheusRule", "ConfigMap")) {
      assertFalse(kinds.contains(kind), kind);
    }
  }

  @Test
  void shouldScrapeTheOperatorByItsService() {
    ServiceMonitor monitor = only(ServiceMonitor.class);
    assertEquals("prometheus", monitor.getMetadata().getLabels().get("release"));
    assertKnown(monitor);
    Service service = only(Service.class);
    assertMatches(monitor.getSpec().getSelector(), service.getMetadata().getLabels());
    var endpoint = monitor.getSpec().getEndpoints().getFirst();
    assertEquals(service.getSpec().getPorts().getFirst().getName(), endpoint.getPort());
    assertEquals("/q/metrics", endpoint.getPath());
  }

  @Test
  void shouldNotScrapeAServiceThatIsNotThere() {
    Release.Answer answer =
        release.helm(
            "template", "--set=metrics.serviceMonitor.enabled=true,metrics.service.enabled=false");
    assertNotEquals(0, answer.exitCode());
    assertTrue(answer.output().contains("metrics.service.enabled"), answer.output());
  }

  @Test
  void shouldScrapeWorkersInTheNamespacesOfJobs() {
    PodMonitor monitor = only(PodMonitor.class);
    assertKnown(monitor);
    assertEquals(List.of("team-a"), monitor.getSpec().getNamespaceSelector().getMatchNames());
    assertMatches(
        monitor.getSpec().getSelector(),
        Map.of(
            "app.kubernetes.io/managed-by", "megalodon-operator",
            "app.kubernetes.io/component", "worker",
            "training.megalodon.dev/job", "quickstart"));
    var endpoint = monitor.getSpec().getPodMetricsEndpoints().getFirst();
    assertEquals("http", endpoint.getPort());
    assertEquals("/metrics", endpoint.getPath());
    PodMonitor everywhere =
        release.objects(PodMonitor.class, "--set=metrics.podMonitor.enabled=true").getFirst();
    assertEquals(true, everywhere.getSpec().getNamespaceSelector().getAny());
  }

  @Test
  void shouldAlertAboutMetricsThatExist() {
    PrometheusRule rule = only(PrometheusRule.class);
    assertKnown(rule);
    List<Rule> alerts =
        rule.getSpec().getGroups().stream().flatMap(group -> group.getRules().stream()).toList();
    assertTrue(alerts.size() >= 5, alerts.toString());
    for (Rule alert : alerts) {
      assertTrue(alert.getAnnotations().containsKey("summary"), alert.getAlert());
      assertTrue(alert.getLabels().containsKey("severity"), alert.getAlert());
      assertExported(alert.getAlert(), String.valueOf(alert.getExpr().getValue()));
    }
  }

  @Test
  void shouldShowMetricsThatExist() throws IOException {
    ConfigMap map = only(ConfigMap.class);
    assertEquals("1", map.getMetadata().getLabels().get("grafana_dashboard"));
    JsonNode dashboard = Serialization.jsonMapper().readTree(map.getData().get("megalodon.json"));
    Path source = Release.chart().resolve("files/grafana-dashboard.json");
    assertEquals(Serialization.jsonMapper().readTree(Files.readString(source)), dashboard);
    List<String> queries = dashboard.findValuesAsText("expr");
    assertTrue(queries.size() > 10, queries.toString());
    for (String query : queries) {
      assertExported("the dashboard", query);
    }
  }

  private static void assertExported(String where, String query) {
    ExportedMetrics exported = ExportedMetrics.find();
    Set<String> used = ExportedMetrics.used(query);
    assertFalse(used.isEmpty(), where + ": " + query);
    for (String name : used) {
      assertTrue(exported.contains(name), () -> where + ": nothing exports " + name);
    }
  }

  /** That the type has a field for everything the object has. */
  private static void assertKnown(Object object) {
    JsonNode written = Serialization.jsonMapper().valueToTree(object);
    assertEquals(Set.of(), unknown(object, new TreeSet<>()), written.toString());
  }

  private static Set<String> unknown(Object object, Set<String> found) {
    if (object instanceof Iterable<?> list) {
      list.forEach(element -> unknown(element, found));
      return found;
    }
    if (!object.getClass().getPackageName().startsWith("io.fabric8")) {
      return found;
    }
    for (Method getter : object.getClass().getMethods()) {
      if (getter.getName().startsWith("get") && getter.getParameterCount() == 0) {
        Object value = call(getter, object);
        if (getter.getName().equals("getAdditionalProperties")) {
          ((Map<?, ?>) Objects.requireNonNull(value)).keySet().forEach(k -> found.add("" + k));
        } else if (value != null) {
          unknown(value, found);
        }
      }
    }
    return found;
  }

  private static @org.jspecify.annotations.Nullable Object call(Method getter, Object object) {
    try {
      return getter.invoke(object);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertMatches(LabelSelector selector, Map<String, String> labels) {
    assertFalse(selector.getMatchLabels().isEmpty());
    assertTrue(
        labels.entrySet().containsAll(selector.getMatchLabels().entrySet()),
        () -> selector.getMatchLabels() + " does not select " + labels);
  }

  private <T extends HasMetadata> T only(Class<T> type) {
    List<T> found = release.objects(type, EVERYTHING);
    assertEquals(1, found.size(), found.toString());
    return found.getFirst();
  }

  /** The worker pods' labels are of the operator's making; its own pods have others. */
  @Test
  void shouldNotTakeTheOperatorForAWorker() {
    Map<String, String> own =
        only(Deployment.class).getSpec().getTemplate().getMetadata().getLabels();
    assertEquals("Helm", own.get("app.kubernetes.io/managed-by"));
    assertEquals("operator", own.get("app.kubernetes.io/component"));
  }
}
