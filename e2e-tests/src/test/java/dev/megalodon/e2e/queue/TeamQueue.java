package dev.megalodon.e2e.queue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.jobs.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;

/** A real Kueue with one queue that has room for one job of two workers. */
final class TeamQueue implements AutoCloseable {
  /** The queue, a LocalQueue of the workspace. */
  static final String NAME = "team";

  /** A PriorityClass whose jobs go before others. */
  static final String URGENT = "e2e-urgent";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  private TeamQueue(EmbeddedCluster cluster, Workspace workspace) {
    this.cluster = cluster;
    this.workspace = workspace;
  }

  /** Installs Kueue and makes the queue. */
  static TeamQueue open(EmbeddedCluster cluster, Workspace workspace) {
    cluster.addon("kueue", "up").successful();
    TeamQueue queue = new TeamQueue(cluster, workspace);
    // Its webhook may answer a little later than its readiness probe.
    Await.until(
        "Kueue to take a queue",
        PATIENCE,
        () -> cluster.kubectlWithInput(queue.objects(), "apply", "-f", "-").status() == 0);
    return queue;
  }

  private String objects() {
    return """
        apiVersion: kueue.x-k8s.io/v1beta2
        kind: ResourceFlavor
        metadata: {name: e2e}
        ---
        apiVersion: kueue.x-k8s.io/v1beta2
        kind: ClusterQueue
        metadata: {name: e2e}
        spec:
          namespaceSelector: {}
          preemption: {withinClusterQueue: LowerPriority}
          resourceGroups:
            - coveredResources: [cpu, memory]
              flavors:
                - name: e2e
                  resources:
                    - {name: cpu, nominalQuota: 250m}
                    - {name: memory, nominalQuota: 1Gi}
        ---
        apiVersion: kueue.x-k8s.io/v1beta2
        kind: LocalQueue
        metadata: {name: %s, namespace: %s}
        spec: {clusterQueue: e2e}
        ---
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata: {name: %s}
        value: 1000
        preemptionPolicy: Never
        """
        .formatted(NAME, workspace.namespace(), URGENT);
  }

  /** Workloads of the workspace as Kueue shows them. */
  List<Workload> workloads() {
    String list = workspace.kubectl("get", "workloads", "-o", "json").successful();
    return StreamSupport.stream(read(list).path("items").spliterator(), false)
        .map(Workload::of)
        .toList();
  }

  /** The Workload of a job that is not finished. */
  Workload workload(String job) {
    return Await.until(
        "the Workload of " + job,
        PATIENCE,
        () ->
            workloads().stream()
                .filter(workload -> workload.name().startsWith(job + "-"))
                .filter(workload -> !workload.holds("Finished"))
                .findFirst());
  }

  /** Waits until nothing is reserved. */
  void awaitUnused() {
    Await.until("the quota to be free", PATIENCE, () -> reserved().equals("0"));
  }

  /** Waits until a job has no Workload, finished or not. */
  void awaitForgotten(String job) {
    Await.until(
        "the Workloads of " + job + " to go",
        PATIENCE,
        () -> workloads().stream().noneMatch(workload -> workload.name().startsWith(job + "-")));
  }

  private String reserved() {
    String path = "jsonpath={.status.flavorsReservation[0].resources[?(@.name=='cpu')].total}";
    return cluster.kubectl("get", "clusterqueue", "e2e", "-o", path).successful();
  }

  private static JsonNode read(String json) {
    try {
      return new JsonMapper().readTree(json);
    } catch (IOException notJson) {
      throw new UncheckedIOException(notJson);
    }
  }

  /** Takes all of it away; Kueue must see its objects go before it goes itself. */
  @Override
  public void close() {
    cluster
        .kubectl(
            "delete",
            "localqueue",
            NAME,
            "--namespace=" + workspace.namespace(),
            "--ignore-not-found",
            "--timeout=1m")
        .successful();
    cluster
        .kubectl(
            "delete",
            "clusterqueue/e2e",
            "resourceflavor/e2e",
            "priorityclass/" + URGENT,
            "--ignore-not-found",
            "--timeout=1m")
        .successful();
    cluster.addon("kueue", "down").successful();
  }
}
