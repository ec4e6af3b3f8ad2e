package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows whether this machine computes what the reference implementation does. */
@Command(
    name = "verify",
    description = {
      "Runs whole models forward and backward and compares the loss and every gradient with"
          + " golden files (model_*.safetensors). For a new machine or device."
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Option(names = "--golden", required = true, description = "Folder with the golden files.")
  private Path folder = Path.of("");

  @Mixin private DeviceOptions deviceOptions = new DeviceOptions();

  @Override
  public Integer call() {
    boolean allWell = true;
    for (Path file : goldenFiles()) {
      for (GoldenModel.Deviation deviation : compare(file)) {
        allWell &= deviation.isWithin();
        System.out.printf(
            Locale.ROOT,
            "%-4s %-36s %-16s off by %.2e, allowed %.0e%n",
            deviation.isWithin() ? "ok" : "BAD",
            file.getFileName(),
            deviation.quantity(),
            deviation.error(),
            deviation.allowed());
      }
    }
    return (allWell ? ExitCode.COMPLETE : ExitCode.NUMERICS_MISMATCH).code();
  }

  private List<Path> goldenFiles() {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          new ArrayList<>(
              files
                  .filter(file -> file.getFileName().toString().matches("model_.*\\.safetensors"))
                  .sorted()
                  .toList());
      if (found.isEmpty()) {
        throw new IOException("it has no model_*.safetensors");
      }
      return found;
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "the folder %s cannot be used: %s".formatted(folder, e), e);
    }
  }

  private List<GoldenModel.Deviation> compare(Path file) {
    try (OpenDevice open = deviceOptions.start()) {
      return GoldenModel.compare(file, open.device());
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.BAD_DATA, "the golden file %s cannot be read: %s".formatted(file, e), e);
    }
  }
}
