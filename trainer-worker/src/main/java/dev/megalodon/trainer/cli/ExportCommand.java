package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.interchange.ModelExport;
import dev.megalodon.trainer.interchange.ModelImport;
import dev.megalodon.trainer.interchange.ModelShapes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the model out of a checkpoint. */
@Command(
    name = "export",
    description = {
      "Writes a model as a safetensors file in the reference implementation's names, for any"
          + " program."
    },
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "Safetensors file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "FILE", description = "Safetensors file to write.")
  private Path target = Path.of("");

  @Option(
      names = "--dtype",
      description = "Precision: ${COMPLETION-CANDIDATES} (default: as stored).")
  private @Nullable StoredPrecision precision;

  @Option(
      names = "--official-buffers",
      description = {
        "Also what the reference implementation stores beside parameters: rope.freqs, the priors of"
            + " timestep norms, and the output projection when it shares the embedding."
      })
  private boolean officialBuffers;

  @Option(
      names = "--model-parallel",
      paramLabel = "N",
      defaultValue = "1",
      description = "Cut into N files, FILE.00 …, for N model-parallel ranks.")
  private int ranks;

  @Override
  public Integer call() {
    if (ranks < 1) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC, "--model-parallel is %d, not 1 or more".formatted(ranks));
    }
    Path parameters = ModelFile.find(model).parameters();
    try (ModelImport source =
        ModelImport.open(List.of(parameters), Optional.empty(), ModelShapes.Given.NOTHING)) {
      ModelExport export =
          new ModelExport(
              Optional.ofNullable(precision).map(StoredPrecision::type), officialBuffers, ranks);
      List<Path> written =
          export.write(
              source.model().config(),
              source.model().tokenizer(),
              source.model().parameters(),
              target);
      written.forEach(file -> System.out.printf("%s holds %s%n", file, parameters));
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "cannot export %s: %s".formatted(parameters, e.getMessage()),
          e);
    }
    return ExitCode.COMPLETE.code();
  }
}
