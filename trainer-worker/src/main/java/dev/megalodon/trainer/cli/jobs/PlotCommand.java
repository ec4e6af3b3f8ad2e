package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws how a training went. */
@Command(
    name = "plot",
    header = "Draws how a training goes: in the terminal, or as an SVG file.",
    description = {
      "",
      "The numbers come from rank 0 while it runs; this needs the right to get pods/proxy.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  ${COMMAND-FULL-NAME} quickstart",
      "  ${COMMAND-FULL-NAME} quickstart --metric throughput",
      "  ${COMMAND-FULL-NAME} quickstart --output loss.svg"
    },
    mixinStandardHelpOptions = true)
final class PlotCommand extends JobCommand {
  private static final int ROWS = 14;

  @Option(
      names = "--metric",
      defaultValue = "loss",
      description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private Metric metric = Metric.LOSS;

  @Option(names = "--output", paramLabel = "FILE", description = "Write an SVG picture there.")
  private @Nullable Path file;

  @Option(names = "--ascii", description = "Draw with ASCII only.")
  private boolean ascii;

  PlotCommand(Kubectl kubectl) {
    super(kubectl);
  }

  @Override
  public Integer call() {
    Cluster cluster = cluster();
    PrintWriter output = output();
    Course course = course(new CurveSource(cluster).update(cluster.job(name())));
    if (file == null) {
      Style style = Terminal.own().style(ascii);
      new TextChart(course, style, ROWS).lines().forEach(output::println);
    } else {
      write(file, new SvgChart(course, name()).svg());
      output.println(file);
    }
    output.flush();
    return ExitCode.COMPLETE.code();
  }

  private Course course(History history) {
    List<History.Point> known = history.known(metric);
    if (history.remark().isPresent() || known.isEmpty()) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT,
          "the course of %s is not known: %s; steps.jsonl in the job's checkpoint folder has it"
              .formatted(name(), history.remark().orElse("no step is done yet")));
    }
    return new Course(metric, known);
  }

  private static void write(Path file, String picture) {
    try {
      Files.writeString(file, picture);
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "%s cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }
}
