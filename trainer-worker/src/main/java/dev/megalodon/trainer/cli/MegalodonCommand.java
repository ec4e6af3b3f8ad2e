package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.cli.logging.LogFormat;
import dev.megalodon.trainer.cli.logging.LogSetup;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The {@code megalodon} command: everything one process of this program can do. */
@Command(
    name = "megalodon",
    header = "Trains, evaluates and runs Megalodon language models.",
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
    return commandLine(root)
        .setExecutionExceptionHandler(
            (error, command, parsed) -> new ErrorReport(command.getErr()).report(error, root.debug))
        .execute(arguments);
  }

  private static CommandLine commandLine(MegalodonCommand root) {
    CommandLine commandLine = new CommandLine(root);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setParameterExceptionHandler(
        (error, arguments) -> {
          CommandLine command = error.getCommandLine();
          command
              .getErr()
              .printf(
                  "megalodon: %s (see %s --help)%n",
                  error.getMessage(), command.getCommandSpec().qualifiedName());
          return command.getCommandSpec().exitCodeOnInvalidInput();
        });
    commandLine.getCommandSpec().usageMessage().exitCodeList(exitCodes());
    commandLine.getCommandSpec().version(version());
    commandLine.getSubcommands().values().forEach(c -> c.getCommandSpec().version(version()));
    return commandLine;
  }

  /** From the manifest of the jar; classes that were never packaged have none. */
  private static String version() {
    String version = MegalodonCommand.class.getPackage().getImplementationVersion();
    return "megalodon " + Objects.requireNonNullElse(version, "(not packaged)");
  }

  /** What a process of this program ends with, from the contract with the operator. */
  private static Map<String, String> exitCodes() {
    Map<String, String> codes = new LinkedHashMap<>();
    Arrays.stream(ExitCode.values())
        .forEach(code -> codes.put(Integer.toString(code.code()), name(code)));
    codes.put("2", "the command line is not understood");
    return codes;
  }

  private static String name(ExitCode code) {
    return code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
