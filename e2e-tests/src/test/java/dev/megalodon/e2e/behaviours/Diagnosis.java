package dev.megalodon.e2e.behaviours;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** How long it took until a broken job's conditions said what is wrong with it. */
final class Diagnosis {
  private static final List<String> CONDITIONS = List.of("PodsReady", "Running");

  private final BrokenJob broken;
  private final String namespace;
  private final Instant applied;
  private Optional<Duration> made = Optional.empty();
  private String seen = "nothing";

  private Diagnosis(BrokenJob broken, String namespace) {
    this.broken = broken;
    this.namespace = namespace;
    this.applied = Instant.now();
  }

  /** Applies the job. */
  static Diagnosis begin(BrokenJob broken, Workspace workspace) {
    workspace.apply(broken.job()).successful();
    return new Diagnosis(broken, workspace.namespace());
  }

  String name() {
    return broken.job().name() + ": " + broken.reason();
  }

  boolean isMade() {
    return made.isPresent();
  }

  /** Looks at a job as {@code kubectl get -o json} shows it; others than this one are ignored. */
  void look(JsonNode job) {
    boolean own =
        job.at("/metadata/name").asText().equals(broken.job().name())
            && job.at("/metadata/namespace").asText().equals(namespace);
    if (own && !isMade()) {
      List<JsonNode> conditions =
          StreamSupport.stream(job.at("/status/conditions").spliterator(), false)
              .filter(condition -> CONDITIONS.contains(condition.path("type").asText()))
              .toList();
      seen = conditions.stream().map(JsonNode::toString).collect(Collectors.joining(", "));
      if (conditions.size() == CONDITIONS.size() && conditions.stream().allMatch(this::isRight)) {
        made = Optional.of(Duration.between(applied, Instant.now()));
        seen = conditions.getFirst().path("message").asText();
      }
    }
  }

  private boolean isRight(JsonNode condition) {
    String message = condition.path("message").asText();
    return condition.path("status").asText().equals("False")
        && condition.path("reason").asText().equals(broken.reason())
        && Stream.of(broken.fragments()).allMatch(message::contains);
  }

  /** For people: what each job said, and after how many seconds. */
  static String table(List<Diagnosis> all) {
    String head = "| job | reason | after | message |\n|---|---|---|---|\n";
    return head + all.stream().map(Diagnosis::row).collect(Collectors.joining("\n"));
  }

  private String row() {
    return "| %s | %s | %s | %s |"
        .formatted(
            broken.job().name(),
            broken.reason(),
            made.map(time -> "%.1f s".formatted(time.toMillis() / 1000.0)).orElse("never"),
            seen.replace("|", "\\|"));
  }

  @Override
  public String toString() {
    return "%s, naming %s; it says %s".formatted(name(), List.of(broken.fragments()), seen);
  }
}
