package dev.megalodon.operator;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.AbsentRank;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.operator.status.ConditionType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds PLAYBOOK.md to the code, in both directions. Every text of the deciding packages that looks
 * like a reason is taken for one, unless it is said here that it is not: so a new reason cannot be
 * overlooked.
 */
class PlaybookTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/megalodon/operator");
  private static final List<String> DECIDING = List.of("plan", "observe", "act");
  private static final Pattern WORD = Pattern.compile("\"((?:[A-Z]+[a-z]+)+)\"");
  private static final Pattern SET =
      Pattern.compile("ConditionType\\.([A-Z_]+),\\s*(?:true|false),\\s*\"([A-Za-z]+)\"");

  /** Kubernetes' words that are read, not written: states, conditions, the kubelet's reasons. */
  private static final Set<String> KUBERNETES =
      Set.of(
          "True",
          "False",
          "Unknown",
          "Pending",
          "Running",
          "Succeeded",
          "Failed",
          "Ready",
          "ContainersReady",
          "PodScheduled",
          "Initialized",
          "DisruptionTarget",
          "ContainerCreating",
          "PodInitializing",
          "Error",
          "ErrImagePull",
          "RegistryUnavailable",
          "FailedMount",
          "FailedAttachVolume",
          "FailedMapVolume",
          "FailedCreatePodSandBox",
          "NetworkNotReady",
          "Pulling",
          "PreemptionByScheduler",
          "EvictionByEvictionAPI",
          "DeletionByTaintManager",
          "TerminationByKubelet",
          "DeletionByPodGC",
          "WorkloadEvicted",
          "NotAdmitted",
          "WorkloadDeleted",
          "NoMatchingWorkload",
          "Preempting",
          "Withdrawn",
          "Shutdown",
          "NodeShutdown",
          "Terminated",
          "Warning",
          "Normal");

  /** Reasons of events alone. */
  private static final Set<String> EVENTS =
      Set.of(
          "Complete",
          "Restarting",
          "CheckpointFailing",
          "CheckpointRecovered",
          "Straggler",
          "WorkerReplaced",
          "WorkersCreated");

  /** Made of a word and a number. */
  private static final Map<String, String> NUMBERED = Map.of("PermanentExit", "PermanentExitN");

  @Test
  void shouldExplainEveryReasonOfTheCodeAndNoOther() throws IOException {
    Set<String> explained =
        playbook().values().stream().flatMap(Set::stream).collect(toCollection(TreeSet::new));
    assertEquals(reasons(), explained, "reasons in the code, reasons in PLAYBOOK.md");
  }

  @Test
  void shouldHaveEveryConditionWithTheReasonsThatItIsSetTo() throws IOException {
    Map<String, Set<String>> playbook = playbook();
    assertEquals(
        Arrays.stream(ConditionType.values()).map(ConditionType::label).collect(Collectors.toSet()),
        playbook.keySet());
    matches(SET)
        .forEach(
            set -> {
              String type = ConditionType.valueOf(set.group(1)).label();
              assertTrue(
                  playbook.getOrDefault(type, Set.of()).contains(set.group(2)),
                  () -> set.group(2) + " is missing under " + type);
            });
  }

  /** Reasons by the condition under whose heading they stand. */
  private static Map<String, Set<String>> playbook() throws IOException {
    Map<String, Set<String>> found = new LinkedHashMap<>();
    Set<String> section = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("PLAYBOOK.md"))) {
      if (line.startsWith("## ")) {
        section = new TreeSet<>();
        found.put(line.substring(3), section);
      } else if (line.startsWith("| `")) {
        Pattern.compile("`(\\w+)`")
            .matcher(line.split("\\|")[1])
            .results()
            .map(result -> result.group(1))
            .forEach(section::add);
      }
    }
    return found;
  }

  private static Set<String> reasons() throws IOException {
    Stream<String> written =
        matches(WORD)
            .map(word -> word.group(1))
            .filter(word -> !KUBERNETES.contains(word) && !EVENTS.contains(word))
            .map(word -> NUMBERED.getOrDefault(word, word));
    Stream<String> exits =
        Arrays.stream(ExitCode.values())
            .filter(exit -> ExitCode.verdict(exit.code()) == ExitCode.Verdict.PERMANENT)
            .map(ExitCode::name);
    Stream<String> absences = Arrays.stream(AbsentRank.Cause.values()).map(Enum::name);
    return Stream.concat(written, Stream.concat(exits, absences).map(PlaybookTest::camelCase))
        .collect(toCollection(TreeSet::new));
  }

  private static String camelCase(String constant) {
    return Arrays.stream(constant.split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }

  private static Stream<MatchResult> matches(Pattern pattern) throws IOException {
    StringBuilder all = new StringBuilder();
    for (String name : DECIDING) {
      try (Stream<Path> files = Files.list(SOURCES.resolve(name))) {
        for (Path file : files.toList()) {
          all.append(Files.readString(file));
        }
      }
    }
    return pattern.matcher(all.toString()).results().toList().stream();
  }
}
