package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows jobs, or one as it goes on. */
@Command(
    name = "status",
    header = "Shows the jobs of a cluster, or one as it goes on.",
    description = {
      "",
      "With a NAME on a terminal: a view that is drawn again until the job ends or Ctrl-C. The loss"
          + " comes from rank 0 (this needs the right to get pods/proxy); otherwise what is seen"
          + " meanwhile is drawn.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME}",
      "  ${COMMAND-FULL-NAME} quickstart",
      "  ${COMMAND-FULL-NAME} quickstart --once --ascii"
    },
    mixinStandardHelpOptions = true)
final class StatusCommand extends ClusterCommand {
  private final Clock clock;

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "The job; all if none is named.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = {"-A", "--all-namespaces"},
      description = "Jobs of all namespaces.")
  private boolean everywhere;

  @Option(names = "--once", description = "Show it once and end.")
  private boolean once;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "From one look to the next (default ${DEFAULT-VALUE}).")
  private long intervalSeconds;

  @Option(names = "--ascii", description = "Draw with ASCII only.")
  private boolean ascii;

  StatusCommand(Kubectl kubectl, Clock clock) {
    super(kubectl);
    this.clock = clock;
  }

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    Terminal terminal = Terminal.own();
    if (name.isEmpty()) {
      table(cluster, terminal.style(ascii));
    } else if (once || !terminal.interactive()) {
      print(view(cluster, new CurveSource(cluster), terminal).lines());
    } else {
      watch(cluster, terminal);
    }
    return ExitCode.COMPLETE.code();
  }

  private void table(Cluster cluster, Style style) {
    List<Job> jobs = cluster.jobs(everywhere);
    print(
        jobs.isEmpty()
            ? List.of("no jobs here; --all-namespaces looks further")
            : JobTable.lines(jobs, everywhere, style));
  }

  private void print(List<String> lines) {
    PrintWriter output = output();
    lines.forEach(output::println);
    output.flush();
  }

  private JobView view(Cluster cluster, CurveSource curves, Terminal terminal) {
    Job job = cluster.job(name.orElseThrow());
    return new JobView(job, curves.update(job), clock.instant(), terminal.style(ascii));
  }

  private void watch(Cluster cluster, Terminal terminal) {
    CurveSource curves = new CurveSource(cluster);
    Screen screen = new Screen(output(), terminal.rows());
    while (true) {
      JobView view = view(cluster, curves, terminal);
      screen.show(view.lines());
      if (view.job().phase().isFinal()) {
        return;
      }
      Pause.of(Duration.ofSeconds(Math.max(1, intervalSeconds)));
    }
  }
}
