package dev.megalodon.trainer.cli;

import dev.megalodon.trainer.cli.jobs.JobCommands;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The {@code kubectl megalodon} plugin: the commands for jobs in a cluster, in a process that is
 * quick to start because it knows no others.
 */
@Command(
    name = "kubectl megalodon",
    header = "Watches and steers Megalodon training jobs.",
    description = {
      "",
      "Uses kubectl's configuration. Every command has --help with examples. Errors are one line;"
          + " --debug shows where they come from.",
      ""
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n")
public final class KubectlMegalodon {
  @Option(
      names = {"--debug", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Show where errors come from.")
  private boolean debug;

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    KubectlMegalodon root = new KubectlMegalodon();
    CommandLine commandLine = new CommandLine(root);
    JobCommands.addTo(commandLine);
    System.exit(CommandLines.setUp(commandLine, () -> root.debug).execute(arguments));
  }
}
