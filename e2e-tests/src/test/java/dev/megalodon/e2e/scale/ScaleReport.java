package dev.megalodon.e2e.scale;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run measured.
 *
 * @param jobs jobs that were applied
 * @param workers pods of each
 * @param jobsPerSecond how fast they were applied
 * @param medianSeconds from apply to all pods of a job created, median
 * @param p99Seconds the same, 99th percentile
 * @param maxSeconds the same, the slowest
 * @param requestsPerJob requests of a job's start, from apply to steps being made, by verb and
 *     resource
 * @param writesPerJobBesidePods of these, what changes something, without the pods
 * @param runningSeconds from the first apply to the last job's being seen making steps
 * @param startCpuSecondsPerJob processor time of a job's start
 * @param resting what all jobs cost while nothing changes
 * @param training what they cost while all make steps
 */
@JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.ANY)
record ScaleReport(
    int jobs,
    int workers,
    int jobsPerSecond,
    double medianSeconds,
    double p99Seconds,
    double maxSeconds,
    Map<String, Double> requestsPerJob,
    double writesPerJobBesidePods,
    double runningSeconds,
    double startCpuSecondsPerJob,
    Upkeep resting,
    Upkeep training) {

  /**
   * What the operator takes while all jobs run.
   *
   * @param seconds how long it was looked at
   * @param writesPerSecond requests that change something
   * @param requestsPerSecond all requests, without those for its lease
   * @param reconcilesPerSecond passes over a job
   * @param cores processors, on average
   * @param memoryMiB working set of its container at the end
   */
  record Upkeep(
      double seconds,
      double writesPerSecond,
      double requestsPerSecond,
      double reconcilesPerSecond,
      double cores,
      double memoryMiB) {

    static Upkeep of(OperatorUse use, double seconds, long memory) {
      long requests = use.requests().values().stream().mapToLong(Long::longValue).sum();
      return new Upkeep(
          seconds,
          use.writes() / seconds,
          requests / seconds,
          use.reconciles() / seconds,
          use.cpuSeconds() / seconds,
          memory / (1024.0 * 1024));
    }
  }

  /** For people, as Markdown. */
  String table() {
    String requests =
        requestsPerJob.entrySet().stream()
            .map(entry -> String.format(Locale.ROOT, "%.2f %s", entry.getValue(), entry.getKey()))
            .collect(Collectors.joining(", "));
    return String.join(
        "\n",
        List.of(
            "| %,d jobs × %d workers, %d jobs/s | measured | aim |"
                .formatted(jobs, workers, jobsPerSecond),
            "|---|---|---|",
            row("apply to all pods created, median", "%.2f s", medianSeconds, ""),
            row("apply to all pods created, p99", "%.2f s", p99Seconds, "< 1 s"),
            row("apply to all pods created, slowest", "%.2f s", maxSeconds, ""),
            row("writes per job start beside its pods", "%.1f", writesPerJobBesidePods, "< 10"),
            "| requests per job start | %s | |".formatted(requests),
            row("processor time per job start", "%.3f s", startCpuSecondsPerJob, ""),
            row("first apply to all jobs making steps", "%.0f s", runningSeconds, ""),
            row("all at rest: writes", "%.2f/s", resting.writesPerSecond(), "0"),
            row("all at rest: requests", "%.2f/s", resting.requestsPerSecond(), ""),
            row("all at rest: reconciles", "%.1f/s", resting.reconcilesPerSecond(), ""),
            row("all at rest: processors", "%.3f", resting.cores(), ""),
            row("all at rest: memory", "%.0f MiB", resting.memoryMiB(), "< 512 MiB"),
            row("all training: writes", "%.1f/s", training.writesPerSecond(), ""),
            row("all training: reconciles", "%.1f/s", training.reconcilesPerSecond(), ""),
            row("all training: processors", "%.3f", training.cores(), ""),
            row("all training: memory", "%.0f MiB", training.memoryMiB(), "< 512 MiB")));
  }

  private static String row(String what, String format, double value, String aim) {
    return "| %s | %s | %s |".formatted(what, String.format(Locale.ROOT, format, value), aim);
  }

  /** Writes {@code scale.md} and {@code scale.json}. */
  void write(Path markdown, Path json) {
    try {
      Files.createDirectories(markdown.getParent());
      Files.writeString(markdown, table() + "\n");
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writeValue(json.toFile(), this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
