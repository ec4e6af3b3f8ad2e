package dev.megalodon.trainer.cli.jobs;

import java.time.Clock;
import java.util.List;
import picocli.CommandLine;

/** The commands for jobs in a cluster. */
public final class JobCommands {
  private JobCommands() {}

  /** Adds them to a command line; they use the {@code kubectl} that is on the PATH. */
  public static void addTo(CommandLine commandLine) {
    addTo(commandLine, Kubectl.onPath());
  }

  /** Adds them to a command line, with a kubectl of its own. */
  static void addTo(CommandLine commandLine, Kubectl kubectl) {
    List.of(
            new StatusCommand(kubectl, Clock.systemUTC()),
            new LogsCommand(kubectl),
            new PlotCommand(kubectl),
            new SuspendCommand(kubectl),
            new ResumeCommand(kubectl),
            new ScaleCommand(kubectl),
            new CheckpointCommand(kubectl),
            new CloneCommand(kubectl))
        .forEach(commandLine::addSubcommand);
  }
}
