package dev.megalodon.trainer.cli;

import dev.megalodon.trainer.cli.jobs.JobCommands;
import dev.megalodon.trainer.cli.logging.LogFormat;
import dev.megalodon.trainer.cli.logging.LogSetup;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code megalodon} command: everything one process of this program can do. */
@Command(
    name = "megalodon",
    header = "Trains, evaluates and runs Megalodon language models, here and in a cluster.",
    description = {
      "",
      "MODEL is a safetensors file, a checkpoint's folder, or a job's folder, whose newest"
          + " checkpoint it is then. Every command has --help with examples. Errors are one line;"
          + " --debug shows where they come from.",
      ""
    },
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    subcommands = {
      PrepareCommand.class,
      TrainCommand.class,
      PlanCommand.class,
      EvalCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      VerifyCommand.class,
      BenchCommand.class
    })
public final class MegalodonCommand {
  @Option(
      names = {"--debug", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Show where errors come from.")
  private boolean debug;

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    LogSetup.install(LogFormat.of(System.getenv()));
    System.exit(run(arguments));
  }

  /** Runs a command and returns its exit code. */
  static int run(String... arguments) {
    MegalodonCommand root = new MegalodonCommand();
    CommandLine commandLine = new CommandLine(root);
    JobCommands.addTo(commandLine);
    return CommandLines.setUp(commandLine, () -> root.debug).execute(arguments);
  }
}
