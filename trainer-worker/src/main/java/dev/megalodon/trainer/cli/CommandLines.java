package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;

/** What all commands of this program have in common: errors in one line, exit codes, version. */
final class CommandLines {
  private CommandLines() {}

  /**
   * Sets a command line up whose subcommands are all there.
   *
   * @param debug whether errors say where they come from
   */
  static CommandLine setUp(CommandLine commandLine, BooleanSupplier debug) {
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setExecutionExceptionHandler(
        (error, command, parsed) ->
            new ErrorReport(command.getErr()).report(error, debug.getAsBoolean()));
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
    String version = CommandLines.class.getPackage().getImplementationVersion();
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
