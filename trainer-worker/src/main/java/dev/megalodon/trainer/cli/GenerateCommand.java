package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.Generator;
import dev.megalodon.trainer.model.Sampling;
import dev.megalodon.trainer.tokenizer.TextDecoder;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Continues a text. */
@Command(
    name = "generate",
    header = "Continues a text with a trained model.",
    description = {
      "",
      "Prints the prompt and what follows as it is chosen, whole characters at a time. The same seed"
          + " and options give the same text.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  megalodon generate checkpoints/local/job-local --prompt 'public class'",
      "  megalodon generate model.safetensors --prompt 'Call me' --temperature 0.9 --top-p 0.95"
          + " --seed 7"
    },
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec command = CommandSpec.create();

  @Parameters(paramLabel = "MODEL", description = "Safetensors file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "To continue.")
  private String prompt = "";

  @Option(
      names = {"--max-tokens", "--tokens"},
      paramLabel = "N",
      defaultValue = "200",
      description = "Tokens to add (default ${DEFAULT-VALUE}).")
  private int tokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.8",
      description =
          "0: always the likeliest token; 1: as the model says (default ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Choose from the K likeliest tokens only; 0: from all (default).")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Choose from the likeliest tokens whose probabilities reach P only; 1: from all"
              + " (default).")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Another seed, another text (default ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private TokenizerOptions tokenizerOptions = new TokenizerOptions();
  @Mixin private DeviceOptions deviceOptions = new DeviceOptions();

  @Override
  public Integer call() {
    Sampling sampling = sampling();
    ModelFile file = ModelFile.find(model);
    try (Tokenizer tokenizer = tokenizerOptions.open(file.parameters());
        OpenDevice open = deviceOptions.start()) {
      int[] start = tokenizer.encode(prompt);
      if (start.length == 0) {
        throw new WorkerExit(ExitCode.BAD_SPEC, "the prompt is empty: give --prompt some text");
      }
      continueText(new Generator(file.load(open.device())), start, sampling, tokenizer.decoder());
    }
    return ExitCode.COMPLETE.code();
  }

  private Sampling sampling() {
    if (tokens < 0) {
      throw new WorkerExit(ExitCode.BAD_SPEC, "--max-tokens must be 0 or more, not " + tokens);
    }
    try {
      return new Sampling(temperature, topK, topP, seed);
    } catch (IllegalArgumentException e) {
      throw new WorkerExit(ExitCode.BAD_SPEC, String.valueOf(e.getMessage()), e);
    }
  }

  private void continueText(
      Generator generator, int[] start, Sampling sampling, TextDecoder decoder) {
    PrintWriter output = command.commandLine().getOut();
    for (int token : start) {
      output.print(decoder.accept(token));
    }
    output.flush();
    generator.generate(
        start,
        tokens,
        sampling,
        token -> {
          output.print(decoder.accept(token));
          output.flush();
        });
    output.println(decoder.finish());
    output.flush();
  }
}
