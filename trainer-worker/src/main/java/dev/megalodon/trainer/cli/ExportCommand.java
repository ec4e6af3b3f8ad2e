package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes the model out of a checkpoint. */
@Command(
    name = "export",
    description = "Writes a checkpoint's model as one safetensors file, for any program.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "Checkpoint or job folder.")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "FILE", description = "Safetensors file to write.")
  private Path target = Path.of("");

  @Override
  public Integer call() {
    ModelFile found = ModelFile.find(model);
    Path partial = target.resolveSibling(target.getFileName() + ".partial");
    try {
      Files.copy(found.parameters(), partial, StandardCopyOption.REPLACE_EXISTING);
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED, "cannot write %s: %s".formatted(target, e), e);
    }
    System.out.printf("%s holds %s%n", target, found.parameters());
    return ExitCode.COMPLETE.code();
  }
}
