package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether the chart is well formed, is accepted, and says what its values say. */
@ExtendWith(ApiServerExtension.class)
class ChartIT {
  private final Release release;
  private final KubernetesClient client;

  ChartIT(ApiServer server) {
    this.release = new Release(server);
    this.client = server.client();
  }

  @BeforeAll
  static void createRestrictedNamespace(KubernetesClient client) {
    for (String name : List.of(Release.NAMESPACE, "team-a", "team-b")) {
      client
          .resource(
              new NamespaceBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                  .endMetadata()
                  .build())
          .serverSideApply();
    }
  }

  @Test
  void shouldPassLint() {
    release.helm("lint", "--strict").successful();
  }

  /** Ways to install. */
  static Stream<Arguments> installations() {
    return Stream.of(
            new String[] {},
            new String[] {"--set=watchNamespaces={team-a,team-b}"},
            new String[] {"--set=progress.mode=proxy,replicas=2,rbac.create=false"},
            new String[] {
              "--set=networkPolicy.enabled=true,networkPolicy.jobs.enabled=true",
              "--set=metrics.grafanaDashboard.enabled=true"
            },
            new String[] {"--set=gangScheduling.coscheduling=true,gangScheduling.volcano=true"},
            new String[] {
              "--set=networkPolicy.enabled=true,networkPolicy.apiServer.cidrs={10.0.0.1/32}",
              "--set=watchNamespaces={team-a}",
              "--set=networkPolicy.clients=null"
            },
            // Kinds of the Prometheus operator are not known here; see MonitoringIT.
            new String[] {
              "--values=" + ValuesIT.ALL,
              "--set=metrics.podMonitor.enabled=false,metrics.prometheusRule.enabled=false"
            })
        .map(values -> Arguments.of((Object) values));
  }

  @ParameterizedTest
  @MethodSource("installations")
  void shouldBeAcceptedByTheApiServer(String[] values) {
    String objects = release.helm("template", values).successful().output();
    Release.Answer answer =
        release
            .kubectl(objects, "apply", "--dry-run=server", "--validate=strict", "--filename=-")
            .successful();
    assertFalse(answer.output().contains("Warning"), answer.output());
  }

  @ParameterizedTest
  @MethodSource("installations")
  void shouldRunInANamespaceThatEnforcesRestrictedPods(String[] values) {
    List<HasMetadata> objects = release.objects(values);
    Deployment deployment = only(objects, Deployment.class);
    PodTemplateSpec template = deployment.getSpec().getTemplate();
    Pod operator =
        new PodBuilder().withMetadata(template.getMetadata()).withSpec(template.getSpec()).build();
    operator.getMetadata().setName("operator");
    for (Pod pod : List.of(operator, only(objects, Pod.class))) {
      assertNotNull(client.resource(pod).inNamespace(Release.NAMESPACE).dryRun().create());
    }
  }

  @Test
  void shouldSpreadReplicasAndKeepOneOfThem() {
    List<HasMetadata> one = release.objects();
    assertEquals(List.of(), podSpec(one).getTopologySpreadConstraints());
    assertTrue(one.stream().noneMatch(PodDisruptionBudget.class::isInstance));
    List<HasMetadata> two = release.objects("--set=replicas=2");
    Map<String, String> pods =
        only(two, Deployment.class).getSpec().getTemplate().getMetadata().getLabels();
    assertEquals(
        List.of("kubernetes.io/hostname", "topology.kubernetes.io/zone"),
        podSpec(two).getTopologySpreadConstraints().stream()
            .peek(spread -> assertSelects(spread.getLabelSelector(), pods))
            .map(TopologySpreadConstraint::getTopologyKey)
            .toList());
    PodDisruptionBudget budget = only(two, PodDisruptionBudget.class);
    assertSelects(budget.getSpec().getSelector(), pods);
    assertEquals(1, budget.getSpec().getMaxUnavailable().getIntVal());
    List<HasMetadata> own = release.objects("--values=" + ValuesIT.ALL);
    assertEquals("rack", podSpec(own).getTopologySpreadConstraints().getFirst().getTopologyKey());
    assertTrue(own.stream().noneMatch(PodDisruptionBudget.class::isInstance));
  }

  @Test
  void shouldBringTheNewPodBeforeTheOldOneGoes() {
    var rolling = only(release.objects(), Deployment.class).getSpec().getStrategy();
    assertEquals(0, rolling.getRollingUpdate().getMaxUnavailable().getIntVal());
    assertEquals(1, rolling.getRollingUpdate().getMaxSurge().getIntVal());
  }

  @Test
  void shouldNotTakeTheTestForTheOperator() {
    List<HasMetadata> objects = release.objects("--set=networkPolicy.enabled=true,replicas=2");
    Map<String, String> test = only(objects, Pod.class).getMetadata().getLabels();
    Map<String, String> service = only(objects, Service.class).getSpec().getSelector();
    assertFalse(test.entrySet().containsAll(service.entrySet()), test.toString());
    NetworkPolicy policy = only(objects, NetworkPolicy.class);
    assertFalse(
        test.entrySet().containsAll(policy.getSpec().getPodSelector().getMatchLabels().entrySet()));
    assertSelects(
        policy.getSpec().getIngress().getFirst().getFrom().getFirst().getPodSelector(), test);
  }

  @Test
  void shouldLetTheOperatorReachWhatItNeeds() {
    NetworkPolicy policy =
        only(
            release.objects(
                "--set=networkPolicy.enabled=true,networkPolicy.apiServer.cidrs={192.0.2.1/32}",
                "--set=watchNamespaces={team-a}"),
            NetworkPolicy.class);
    List<NetworkPolicyEgressRule> egress = policy.getSpec().getEgress();
    assertEquals(List.of(53, 53), ports(egress.get(0)));
    assertEquals(List.of(443, 6443), ports(egress.get(1)));
    assertEquals("192.0.2.1/32", egress.get(1).getTo().getFirst().getIpBlock().getCidr());
    assertEquals(List.of(8080), ports(egress.get(2)));
    var workers = egress.get(2).getTo().getFirst();
    assertEquals(
        List.of("team-a"),
        workers.getNamespaceSelector().getMatchExpressions().getFirst().getValues());
    assertSelects(
        workers.getPodSelector(),
        Map.of(
            "app.kubernetes.io/managed-by", "megalodon-operator",
            "app.kubernetes.io/component", "worker"));
    List<String> proxied =
        only(
                release.objects("--set=networkPolicy.enabled=true,progress.mode=proxy"),
                NetworkPolicy.class)
            .getSpec()
            .getEgress()
            .stream()
            .flatMap(rule -> rule.getTo().stream())
            .map(Object::toString)
            .toList();
    assertEquals(List.of(), proxied, "through the API server no worker is reached directly");
  }

  @Test
  void shouldTellTheOperatorWhoMayReachWorkers() {
    Map<String, String> off = environment();
    assertFalse(off.containsKey("MEGALODON_NETWORK_POLICIES_ENABLED"));
    Map<String, String> on =
        environment(
            "--set=networkPolicy.jobs.enabled=true",
            "--set=networkPolicy.jobs.extraEgress[0].to[0].ipBlock.cidr=192.0.2.0/24");
    assertEquals("true", on.get("MEGALODON_NETWORK_POLICIES_ENABLED"));
    List<NetworkPolicyPeer> from =
        Serialization.unmarshal(
            on.get("MEGALODON_NETWORK_POLICIES_HTTP_FROM"), new TypeReference<>() {});
    assertEquals(
        Map.of("kubernetes.io/metadata.name", Release.NAMESPACE),
        from.get(0).getNamespaceSelector().getMatchLabels());
    assertSelects(
        from.get(0).getPodSelector(),
        only(release.objects(), Deployment.class)
            .getSpec()
            .getTemplate()
            .getMetadata()
            .getLabels());
    assertEquals(
        Map.of("kubernetes.io/metadata.name", "monitoring"),
        from.get(1).getNamespaceSelector().getMatchLabels());
    List<NetworkPolicyEgressRule> egress =
        Serialization.unmarshal(
            on.get("MEGALODON_NETWORK_POLICIES_EXTRA_EGRESS"), new TypeReference<>() {});
    assertEquals("192.0.2.0/24", egress.getFirst().getTo().getFirst().getIpBlock().getCidr());
  }

  @Test
  void shouldHandTheValuesToTheOperator() {
    Deployment deployment =
        only(
            release.objects(
                "--set=worker.image=registry.example.org/trainer:2",
                "--set=worker.imagePullSecrets={b,c}",
                "--set=worker.userId=2000000",
                "--set=watchNamespaces={team-a,team-b}",
                "--set=image.repository=registry.example.org/operator,image.tag=v3"),
            Deployment.class);
    var container = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
    assertEquals("registry.example.org/operator:v3", container.getImage());
    Map<String, String> environment = environment(deployment);
    assertEquals("registry.example.org/trainer:2", environment.get("MEGALODON_WORKER_IMAGE"));
    assertEquals("b,c", environment.get("MEGALODON_WORKER_IMAGE_PULL_SECRETS"));
    assertEquals("2000000", environment.get("MEGALODON_WORKER_USER_ID"));
    assertEquals("team-a,team-b", environment.get("QUARKUS_OPERATOR_SDK_NAMESPACES"));
  }

  @Test
  void shouldKeepTheCrdUnlessToldOtherwise() {
    String kept = release.helm("template", "--show-only=templates/crd.yaml").successful().output();
    assertTrue(kept.contains("helm.sh/resource-policy: keep"));
    String notKept =
        release
            .helm("template", "--show-only=templates/crd.yaml", "--set=crds.keep=false")
            .successful()
            .output();
    assertTrue(notKept.contains("kind: CustomResourceDefinition"));
    assertFalse(notKept.contains("helm.sh/resource-policy"));
    String none = release.helm("template", "--set=crds.install=false").successful().output();
    assertFalse(none.contains("kind: CustomResourceDefinition"));
  }

  @Test
  void shouldLeaveTheMetricsServiceOutWhenToldTo() {
    String objects =
        release.helm("template", "--set=metrics.service.enabled=false").successful().output();
    assertFalse(objects.contains("kind: Service\n"));
  }

  private Map<String, String> environment(String... values) {
    return environment(only(release.objects(values), Deployment.class));
  }

  private static Map<String, String> environment(Deployment deployment) {
    return podSpec(List.of(deployment)).getContainers().getFirst().getEnv().stream()
        .filter(variable -> variable.getValue() != null)
        .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
  }

  private static PodSpec podSpec(List<? extends HasMetadata> objects) {
    return only(objects, Deployment.class).getSpec().getTemplate().getSpec();
  }

  private static List<Integer> ports(NetworkPolicyEgressRule rule) {
    return rule.getPorts().stream().map(port -> port.getPort().getIntVal()).toList();
  }

  private static void assertSelects(LabelSelector selector, Map<String, String> labels) {
    assertFalse(selector.getMatchLabels().isEmpty());
    assertTrue(
        labels.entrySet().containsAll(selector.getMatchLabels().entrySet()),
        () -> selector.getMatchLabels() + " does not select " + labels);
  }

  private static <T> T only(List<? extends HasMetadata> objects, Class<T> type) {
    List<T> found = objects.stream().filter(type::isInstance).map(type::cast).toList();
    assertEquals(1, found.size(), () -> type.getSimpleName() + ": " + found);
    return found.getFirst();
  }
}
