package dev.megalodon.trainer.cli;

import dev.megalodon.trainer.cli.logging.LogSetup;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code megalodon} command: everything one process of this program can do. */
@Command(
    name = "megalodon",
    description = "Trains, evaluates and runs Megalodon language models.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      PrepareCommand.class,
      TrainCommand.class,
      EvalCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      VerifyCommand.class
    })
public final class MegalodonCommand {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show where errors come from.")
  private boolean verbose;

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    LogSetup.install();
    System.exit(run(arguments));
  }

  /** Runs a command and returns its exit code. */
  static int run(String... arguments) {
    MegalodonCommand root = new MegalodonCommand();
    CommandLine commandLine = new CommandLine(root);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (error, command, parsed) -> new ErrorReport(command.getErr()).report(error, root.verbose));
    return commandLine.execute(arguments);
  }
}
