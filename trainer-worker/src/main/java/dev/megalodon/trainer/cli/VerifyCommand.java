package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.verify.Deviation;
import dev.megalodon.trainer.verify.GoldenFolder;
import dev.megalodon.trainer.verify.GoldenFolder.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows whether this machine computes what the reference implementation does. */
@Command(
    name = "verify",
    header = "Holds this machine to golden files.",
    description = {
      "",
      "Every *.safetensors file of the folder is computed again, forward and backward, and"
          + " compared: operations, blocks, models, streams, chunk-parallel and training runs, of"
          + " whatever dimensions. Prints the worst error of each file against what is allowed, and"
          + " ends with NUMERICS_MISMATCH (76) if one is beyond it, has a tensor that nothing"
          + " compares, or is of no known kind.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  megalodon verify --golden golden",
      "  megalodon verify --golden golden --device reference    # to 1e-10, in double precision"
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--golden",
      required = true,
      paramLabel = "DIR",
      description = "Folder with the golden files.")
  private Path folder = Path.of("");

  @Mixin private DeviceOptions deviceOptions = new DeviceOptions();

  @Override
  public Integer call() {
    PrintWriter output = command.commandLine().getOut();
    boolean allWell = true;
    for (Path file : files()) {
      Outcome outcome = GoldenFolder.compare(file, () -> open().device());
      output.println(line(outcome));
      output.flush();
      allWell &= outcome.isWell();
    }
    return (allWell ? ExitCode.COMPLETE : ExitCode.NUMERICS_MISMATCH).code();
  }

  private List<Path> files() {
    try {
      return GoldenFolder.files(folder);
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "the folder %s cannot be used: %s".formatted(folder, e), e);
    }
  }

  private static String line(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Compared compared -> {
        Deviation worst = compared.worst();
        yield String.format(
            Locale.ROOT,
            "%-4s %-40s %3d compared, worst %s: %.1e, allowed %.1e",
            compared.isWell() ? "ok" : "BAD",
            compared.file(),
            compared.compared(),
            worst.name(),
            worst.error(),
            worst.allowed());
      }
      case Outcome.Refused refused ->
          String.format(Locale.ROOT, "BAD  %-40s %s", refused.file(), refused.reason());
    };
  }

  private OpenDevice open() {
    return deviceOptions.startInFullPrecision(
        "golden files are held to fp32 and fp64 tolerances: verify without --precision bf16");
  }
}
