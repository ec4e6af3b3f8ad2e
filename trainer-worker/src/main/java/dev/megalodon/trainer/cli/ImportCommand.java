package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.interchange.ImportTarget;
import dev.megalodon.trainer.interchange.ModelImport;
import dev.megalodon.trainer.interchange.ModelShapes;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings in another program's model. */
@Command(
    name = "import",
    description = {
      "Brings in a model in the reference implementation's names: a safetensors file, its"
          + " consolidated.pth, or all model-parallel parts of one in the order of ranks.",
      "The configuration comes from the file's metadata, else from --config, else from shapes,"
          + " buffers and the options for what those do not say."
    },
    mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Files that hold the model.")
  private List<Path> files = List.of();

  @Option(
      names = "--output",
      required = true,
      description = {
        "What to write: a file when it ends in .safetensors; else a new folder with a checkpoint at"
            + " step 0, for a job's checkpoint.resumeFrom.path."
      })
  private Path output = Path.of("");

  @Option(
      names = "--config",
      paramLabel = "JSON",
      description = "The reference implementation's config.json of this model.")
  private @Nullable Path config;

  @Option(
      names = "--dtype",
      description = "Precision: ${COMPLETION-CANDIDATES} (default: as stored).")
  private @Nullable StoredPrecision precision;

  @Option(names = "--chunk-size", description = "Attention chunk; files never say it.")
  private @Nullable Integer chunkSize;

  @Option(names = "--heads", description = "Attention heads, for files without rope.freqs.")
  private @Nullable Integer heads;

  @Option(names = "--norm-groups", description = "Norm groups, for files without prior_mean.")
  private @Nullable Integer normGroups;

  @Option(names = "--norm-eps", description = "Epsilon of every norm (default: 1e-5).")
  private @Nullable Double normEpsilon;

  @Option(names = "--rope-base", description = "Base of the rotary angles (default: 10000).")
  private @Nullable Double ropeBase;

  @Option(names = "--scale-embedding", description = "Embeddings are multiplied by sqrt(D).")
  private boolean scaleEmbedding;

  @Override
  public Integer call() {
    try (ModelImport source = ModelImport.open(files, Optional.ofNullable(config), given())) {
      ImportTarget.of(output)
          .write(
              source.model(),
              Optional.ofNullable(precision).map(StoredPrecision::type),
              Clock.systemUTC());
      System.out.printf(
          "%s holds %,d parameters; configuration from %s: %s%n",
          output,
          source.model().config().parameterCount(),
          source.model().saidBy(),
          source.model().config());
    } catch (NoSuchFileException e) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "cannot import: %s is not there".formatted(e.getFile()), e);
    } catch (IOException e) {
      throw new WorkerExit(ExitCode.BAD_DATA, "cannot import: %s".formatted(e.getMessage()), e);
    }
    return ExitCode.COMPLETE.code();
  }

  private ModelShapes.Given given() {
    return new ModelShapes.Given(
        whole(heads),
        whole(normGroups),
        whole(chunkSize),
        number(normEpsilon),
        number(ropeBase),
        scaleEmbedding);
  }

  private static OptionalInt whole(@Nullable Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static OptionalDouble number(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
