package dev.megalodon.e2e.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        Arguments.of((Object) new String[] {}),
        Arguments.of((Object) new String[] {"--set=watchNamespaces={team-a,team-b}"}),
        Arguments.of((Object) new String[] {"--set=progress.mode=proxy", "--set=replicas=2"}),
        Arguments.of(
            (Object)
                new String[] {
                  "--set=gangScheduling.coscheduling=true", "--set=gangScheduling.volcano=true"
                }),
        Arguments.of(
            (Object)
                new String[] {
                  "--set=image.pullSecrets={a}",
                  "--set=worker.imagePullSecrets={b,c}",
                  "--set=worker.imagePullPolicy=Never",
                  "--set=nodeSelector.disk=fast",
                  "--set=tolerations[0].operator=Exists",
                  "--set=affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"
                      + ".nodeSelectorTerms[0].matchExpressions[0].key=gpu,affinity.nodeAffinity"
                      + ".requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
                      + ".matchExpressions[0].operator=DoesNotExist",
                  "--set=priorityClassName=system-cluster-critical",
                  "--set=podAnnotations.a=b",
                  "--set=podLabels.c=d",
                  "--set=serviceAccount.annotations.e=f",
                  "--set=metrics.service.annotations.g=h",
                  "--set=extraEnv[0].name=MEGALODON_PATIENCE_HEALTHY,extraEnv[0].value=5s",
                  "--set=nameOverride=trainer-operator"
                }));
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
  @ValueSource(
      strings = {
        "unknown=1",
        "gangScheduling.kueue=true",
        "image.name=x",
        "worker.gpu=1",
        "replicas=-1",
        "replicas=two",
        "image.pullPolicy=Sometimes",
        "worker.userId=0",
        "worker.sharedMemory=lots",
        "progress.mode=push",
        "progress.interval=5",
        "watchNamespaces={Team_A}",
        "nameOverride=Megalodon",
        "logLevel=LOUD",
        "resources.claims=x"
      })
  void shouldRefuseValuesThatItDoesNotKnow(String value) {
    Release.Answer answer = release.helm("template", "--set=" + value);
    assertNotEquals(0, answer.exitCode(), answer.output());
    String key = value.substring(0, value.indexOf('=')).replaceAll(".*\\.", "");
    assertTrue(answer.output().contains(key), answer.output());
  }

  @Test
  void shouldRunInANamespaceThatEnforcesRestrictedPods() {
    PodTemplateSpec template = deployment().getSpec().getTemplate();
    Pod pod =
        new PodBuilder()
            .withMetadata(template.getMetadata())
            .editMetadata()
            .withName("operator")
            .endMetadata()
            .withSpec(template.getSpec())
            .build();
    assertNotNull(client.resource(pod).inNamespace(Release.NAMESPACE).dryRun().create());
  }

  @Test
  void shouldHandTheValuesToTheOperator() {
    Deployment deployment =
        deployment(
            "--set=worker.image=registry.example.org/trainer:2",
            "--set=worker.imagePullSecrets={b,c}",
            "--set=worker.userId=2000000",
            "--set=watchNamespaces={team-a,team-b}",
            "--set=image.repository=registry.example.org/operator,image.tag=v3");
    var container = deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
    assertEquals("registry.example.org/operator:v3", container.getImage());
    List<String> environment =
        container.getEnv().stream()
            .filter(variable -> variable.getValue() != null)
            .map(variable -> variable.getName() + "=" + variable.getValue())
            .toList();
    assertTrue(
        environment.containsAll(
            List.of(
                "MEGALODON_WORKER_IMAGE=registry.example.org/trainer:2",
                "MEGALODON_WORKER_IMAGE_PULL_SECRETS=b,c",
                "MEGALODON_WORKER_USER_ID=2000000",
                "QUARKUS_OPERATOR_SDK_NAMESPACES=team-a,team-b")),
        environment.toString());
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

  private Deployment deployment(String... values) {
    String[] arguments =
        Stream.concat(Stream.of("--show-only=templates/deployment.yaml"), Stream.of(values))
            .toArray(String[]::new);
    Deployment deployment =
        Serialization.unmarshal(
            release.helm("template", arguments).successful().output(), Deployment.class);
    assertNull(deployment.getStatus());
    return deployment;
  }
}
