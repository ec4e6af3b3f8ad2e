package dev.megalodon.e2e.behaviours;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.e2e.behaviours.BrokenJob.Place;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.OperatorDeployment;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A job that cannot run says why: all of {@link BrokenJobs} at once, as kubectl shows them. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokenJobsE2E {
  private static final Duration BOUND = Duration.ofSeconds(90);
  private static final String TAINT = "e2e.megalodon.dev/broken";

  private final EmbeddedCluster cluster;
  private final Map<Place, Workspace> workspaces = new EnumMap<>(Place.class);

  BrokenJobsE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
  }

  @BeforeAll
  void breakTheSurroundings() {
    for (Place place : Place.values()) {
      workspaces.put(place, Workspace.create(cluster, "broken"));
    }
    workspace(Place.OPEN).applyText(BrokenJobs.surroundings()).successful();
    workspace(Place.QUOTA).kubectl("create", "quota", "none", "--hard=pods=0").successful();
    workspace(Place.LIMITS)
        .applyText(
            """
            apiVersion: v1
            kind: LimitRange
            metadata: {name: little}
            spec: {limits: [{type: Container, max: {memory: 128Mi}}]}
            """)
        .successful();
    String restricted = workspace(Place.RESTRICTED).namespace();
    cluster
        .kubectl("label", "ns", restricted, "pod-security.kubernetes.io/enforce=restricted")
        .successful();
    awaitPolicies();
  }

  @AfterAll
  void repair() {
    cluster.kubectl(
        "delete",
        "runtimeclass/e2e-no-handler",
        "validatingadmissionpolicybinding/e2e-broken-jobs",
        "validatingadmissionpolicy/e2e-broken-jobs",
        "validatingwebhookconfiguration/e2e-broken-jobs");
    workspaces.values().forEach(Workspace::close);
  }

  @TestFactory
  @DisplayName("why is it not running: reason and message within seconds")
  Stream<DynamicTest> shouldSayWhyItDoesNotRun() {
    return diagnose(BrokenJobs.all(trainer())).stream()
        .map(
            made ->
                DynamicTest.dynamicTest(
                    made.name(), () -> assertTrue(made.isMade(), made::toString)));
  }

  @Test
  @DisplayName("why is it not running: every node has a taint")
  void shouldNameTheTaintOfAllNodes() {
    cluster.kubectl("taint", "node", "--all", TAINT + "=:NoSchedule").successful();
    try {
      BrokenJob tainted =
          BrokenJob.of(BrokenJob.one("taint"), "UntoleratedTaint", "taint", "toleration");
      Diagnosis made = diagnose(List.of(tainted)).getFirst();
      assertTrue(made.isMade(), made::toString);
      workspace(Place.OPEN).delete("taint");
    } finally {
      cluster.kubectl("taint", "node", "--all", TAINT + ":NoSchedule-").successful();
    }
  }

  private List<Diagnosis> diagnose(List<BrokenJob> jobs) {
    List<Diagnosis> all =
        jobs.stream().map(broken -> Diagnosis.begin(broken, workspace(broken.place()))).toList();
    Instant end = Instant.now().plus(BOUND);
    while (!all.stream().allMatch(Diagnosis::isMade) && Instant.now().isBefore(end)) {
      look(all);
    }
    System.out.println(Diagnosis.table(all));
    return all;
  }

  private void look(List<Diagnosis> all) {
    workspaces.values().stream()
        .flatMap(workspace -> workspace.list("mtj"))
        .forEach(job -> all.forEach(diagnosis -> diagnosis.look(job)));
  }

  @Test
  @DisplayName("20: a job whose image is missing fails at its start deadline, with the cause")
  void shouldFailAtTheStartDeadlineNamingTheCause() {
    Workspace workspace = workspace(Place.OPEN);
    workspace
        .apply(
            BrokenJob.one("too-late")
                .with(Setting.WORKER, "image: registry.invalid/nope:1")
                .with(Setting.SPEC, "startDeadlineSeconds: 15"))
        .successful();
    workspace
        .kubectl("wait", "--for=condition=Failed", "mtj/too-late", "--timeout=2m")
        .successful();
    Condition failed = workspace.condition("too-late", "Failed").orElseThrow();
    assertEquals("StartDeadlineExceeded", failed.reason());
    assertTrue(
        failed.message().contains("image registry.invalid/nope:1 cannot be pulled"),
        failed.message());
    Await.until(
        "the pod to go",
        Duration.ofMinutes(1),
        () -> workspace.pods("too-late").values().isEmpty());
  }

  @Test
  @DisplayName("a job goes on by itself once what was missing is there")
  void shouldStartOnceTheCauseIsGone() {
    Workspace workspace = workspace(Place.OPEN);
    String variable =
        "template: {spec: {containers: [{name: worker, envFrom: [{secretRef: {name: late}}]}]}}";
    workspace
        .apply(BrokenJob.one("patient").with(Setting.WORKER, variable).with(Setting.STEPS, 20))
        .successful();
    Await.until(
        "the missing Secret to be named",
        BOUND,
        () -> workspace.show("patient", "PodsReady", "reason").equals("SecretMissing"));
    workspace.kubectl("create", "secret", "generic", "late", "--from-literal=a=b").successful();
    assertEquals(0, workspace.awaitComplete("patient").getStatus().restarts());
  }

  private void awaitPolicies() {
    for (String objector : List.of("policy", "webhook")) {
      String labels = "--labels=%s=%s".formatted(BrokenJobs.OBJECTED, objector);
      Await.until(
          "the " + objector + " to be asked",
          BOUND,
          () ->
              workspace(Place.OPEN)
                      .kubectl("run", "probe", "--image=nope:1", labels, "--dry-run=server")
                      .status()
                  != 0);
    }
  }

  private Workspace workspace(Place place) {
    Workspace workspace = workspaces.get(place);
    if (workspace == null) {
      throw new IllegalStateException("no namespace for " + place);
    }
    return workspace;
  }

  /** The image that workers have by default. */
  private String trainer() {
    return OperatorDeployment.pods(cluster).getFirst().getSpec().getContainers().stream()
        .flatMap(container -> container.getEnv().stream())
        .filter(variable -> variable.getName().equals("MEGALODON_WORKER_IMAGE"))
        .map(variable -> variable.getValue())
        .findFirst()
        .orElseThrow();
  }
}
