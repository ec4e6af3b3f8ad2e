package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what ranks log. */
@Command(
    name = "logs",
    header = "Shows the log of a rank, whatever its pod is called by now.",
    description = {
      "",
      "Rank 0 logs every step. The newest pod of the rank counts; --previous takes the one before,"
          + " while it is kept.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} quickstart -f",
      "  ${COMMAND-FULL-NAME} quickstart --rank 2 --previous",
      "  ${COMMAND-FULL-NAME} quickstart --all"
    },
    mixinStandardHelpOptions = true)
final class LogsCommand extends JobCommand {
  /** Each is a process of kubectl and a connection to the API server. */
  private static final int MOST_RANKS = 64;

  @Option(
      names = "--rank",
      paramLabel = "N",
      defaultValue = "0",
      description = "The rank (default ${DEFAULT-VALUE}).")
  private int rank;

  @Option(names = "--all", description = "All ranks; each line begins with its rank.")
  private boolean all;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on as lines are logged.")
  private boolean follow;

  @Option(names = "--previous", description = "The pod before the newest one.")
  private boolean previous;

  LogsCommand(Kubectl kubectl) {
    super(kubectl);
  }

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    List<WorkerPod> pods = cluster.pods(name());
    if (pods.isEmpty()) {
      throw none(cluster.job(name()));
    }
    return all ? showAll(cluster, newest(pods)) : show(cluster, chosen(pods));
  }

  private WorkerExit none(Job job) {
    return new WorkerExit(
        ExitCode.MISSING_INPUT, "%s has no pods now: %s".formatted(name(), News.headline(job)));
  }

  private WorkerPod chosen(List<WorkerPod> pods) {
    return pods.stream()
        .filter(pod -> pod.rank() == rank)
        .sorted(Comparator.comparingLong(WorkerPod::incarnation).reversed())
        .skip(previous ? 1 : 0)
        .findFirst()
        .orElseThrow(
            () ->
                new WorkerExit(
                    ExitCode.MISSING_INPUT,
                    "rank %d of %s has no %spod now; there are %s"
                        .formatted(rank, name(), previous ? "earlier " : "", names(pods))));
  }

  private static String names(List<WorkerPod> pods) {
    return pods.stream().map(WorkerPod::name).sorted().collect(Collectors.joining(", "));
  }

  /** Of each rank the newest pod, in the order of ranks. */
  private static List<WorkerPod> newest(List<WorkerPod> pods) {
    SortedMap<Integer, WorkerPod> newest = new TreeMap<>();
    for (WorkerPod pod : pods) {
      newest.merge(pod.rank(), pod, (a, b) -> a.incarnation() >= b.incarnation() ? a : b);
    }
    return List.copyOf(newest.values());
  }

  private int show(Cluster cluster, WorkerPod pod) {
    return cluster.kubectl().handOver(arguments(pod));
  }

  private int showAll(Cluster cluster, List<WorkerPod> pods) {
    if (pods.size() > MOST_RANKS) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "%s has %d ranks, and --all is for %d at most: name one with --rank"
              .formatted(name(), pods.size(), MOST_RANKS));
    }
    RankLogs logs = new RankLogs(output());
    pods.forEach(pod -> logs.add(pod.rank(), cluster.kubectl().open(arguments(pod))));
    return logs.await();
  }

  private List<String> arguments(WorkerPod pod) {
    List<String> arguments = new ArrayList<>(List.of("logs", pod.name(), "--container=worker"));
    if (follow) {
      arguments.add("--follow");
    }
    return arguments;
  }
}
