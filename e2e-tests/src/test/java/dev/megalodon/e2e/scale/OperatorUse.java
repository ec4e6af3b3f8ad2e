package dev.megalodon.e2e.scale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.OperatorDeployment;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What the operator has done and taken since it started, as it and its kubelet say.
 *
 * @param requests requests to the API server by {@code verb resource}; without those for its lease
 * @param reconciles passes over a job
 * @param cpuSeconds processor time
 * @param runningJobs jobs that it says are running
 */
record OperatorUse(
    Map<String, Long> requests, long reconciles, double cpuSeconds, int runningJobs) {
  private static final Set<String> READS = Set.of("get", "list", "watch");
  private static final Pattern REQUEST =
      Pattern.compile(
          "(?m)^megalodon_api_requests_total\\{code=\"[^\"]*\",resource=\"([^\"]+)\",verb=\"([^\"]+)\"} (\\S+)");

  static OperatorUse read(EmbeddedCluster cluster) {
    Pod pod = OperatorDeployment.leader(cluster);
    String metrics =
        cluster
            .client()
            .raw(
                "/api/v1/namespaces/%s/pods/%s:8080/proxy/q/metrics"
                    .formatted(pod.getMetadata().getNamespace(), pod.getMetadata().getName()));
    Map<String, Long> requests =
        REQUEST
            .matcher(metrics)
            .results()
            .filter(request -> !request.group(1).equals("leases"))
            .collect(
                Collectors.groupingBy(
                    request -> request.group(2) + " " + request.group(1),
                    TreeMap::new,
                    Collectors.summingLong(OperatorUse::count)));
    return new OperatorUse(
        requests,
        (long) value(metrics, "reconciliations_started_total\\{[^}]*}"),
        value(metrics, "process_cpu_time_ns_total") / 1e9,
        (int) value(metrics, "megalodon_jobs\\{phase=\"running\"}"));
  }

  /** The memory that its container is charged for and that cannot be taken from it, in bytes. */
  static long memory(EmbeddedCluster cluster) {
    Pod pod = OperatorDeployment.leader(cluster);
    String summary =
        cluster
            .client()
            .raw("/api/v1/nodes/%s/proxy/stats/summary".formatted(pod.getSpec().getNodeName()));
    return StreamSupport.stream(json(summary).path("pods").spliterator(), false)
        .filter(each -> each.at("/podRef/name").asText().equals(pod.getMetadata().getName()))
        .mapToLong(each -> each.at("/containers/0/memory/workingSetBytes").asLong())
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode json(String text) {
    try {
      return new JsonMapper().readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long count(MatchResult request) {
    return (long) Double.parseDouble(request.group(3));
  }

  private static double value(String metrics, String series) {
    return Pattern.compile("(?m)^" + series + " (\\S+)")
        .matcher(metrics)
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .sum();
  }

  /** What was done and taken since then. */
  OperatorUse since(OperatorUse then) {
    Map<String, Long> more = new TreeMap<>(requests);
    then.requests.forEach((request, count) -> more.merge(request, -count, Long::sum));
    more.values().removeIf(count -> count == 0);
    return new OperatorUse(
        more, reconciles - then.reconciles, cpuSeconds - then.cpuSeconds, runningJobs);
  }

  /** Requests that change something; pods are counted by themselves. */
  long writesBesidePods() {
    return requests.entrySet().stream()
        .filter(request -> isWrite(request.getKey()) && !request.getKey().equals("create pods"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** All requests that change something. */
  long writes() {
    return writesBesidePods() + requests.getOrDefault("create pods", 0L);
  }

  private static boolean isWrite(String request) {
    return !READS.contains(request.substring(0, request.indexOf(' ')));
  }
}
