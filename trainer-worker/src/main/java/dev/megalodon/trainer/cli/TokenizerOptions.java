package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.tokenizer.ByteTokenizer;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import dev.megalodon.trainer.training.ModelMetadata;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that turn text into a model's tokens. */
final class TokenizerOptions {
  @Option(
      names = "--tokenizer",
      paramLabel = "TOKENIZER",
      description = "How text becomes tokens: bytes (default: what the model was trained with).")
  private @Nullable String tokenizer;

  /**
   * The tokenizer of a model: the one asked for, or else the one that its file names.
   *
   * @param parameters the model's safetensors file
   * @throws WorkerExit {@code BAD_SPEC} when the model was trained with another tokenizer, or needs
   *     a file that is not given, or has fewer tokens than the tokenizer
   */
  Tokenizer open(Path parameters) {
    try (SafetensorsFile file = SafetensorsFile.open(parameters)) {
      String recorded = ModelMetadata.tokenizer(file).orElse(ByteTokenizer.IDENTITY);
      Tokenizer opened = open(recorded);
      requireSame(parameters, recorded, opened);
      ModelMetadata.read(file).map(ModelConfig::vocabSize).ifPresent(opened::requireFits);
      return opened;
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "%s cannot be read: %s".formatted(parameters, e.getMessage()), e);
    }
  }

  private Tokenizer open(String recorded) {
    String wanted = tokenizer == null ? recorded : tokenizer;
    if (wanted.equals(ByteTokenizer.IDENTITY)) {
      return new ByteTokenizer();
    }
    throw new WorkerExit(
        ExitCode.BAD_SPEC, "the tokenizer '%s' is not known: bytes is".formatted(wanted));
  }

  private static void requireSame(Path parameters, String recorded, Tokenizer opened) {
    if (!opened.identity().equals(recorded)) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "%s was trained with the tokenizer '%s', and --tokenizer is '%s'"
              .formatted(parameters, recorded, opened.identity()));
    }
  }
}
