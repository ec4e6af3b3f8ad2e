package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.model.Generator;
import dev.megalodon.trainer.model.Sampling;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Continues a text. */
@Command(
    name = "generate",
    description = "Continues a text with a trained model.",
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "Safetensors file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Option(names = "--prompt", required = true, description = "Text to continue.")
  private String prompt = "";

  @Option(names = "--tokens", defaultValue = "200", description = "Bytes to add (default 200).")
  private int tokens;

  @Option(
      names = "--temperature",
      defaultValue = "0.8",
      description = "0: always the likeliest byte; 1: as the model says (default 0.8).")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      description = "Choose from the k likeliest bytes only; 0: from all (default).")
  private int topK;

  @Option(names = "--seed", defaultValue = "1", description = "Another seed, another text.")
  private long seed;

  @Mixin private DeviceOptions deviceOptions = new DeviceOptions();

  @Override
  public Integer call() {
    byte[] bytes = prompt.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0) {
      throw new WorkerExit(ExitCode.BAD_SPEC, "the prompt is empty: give --prompt some text");
    }
    try (OpenDevice open = deviceOptions.start()) {
      Generator generator = new Generator(ModelFile.find(model).load(open.device()));
      int[] generated = generator.generate(toTokens(bytes), tokens, sampling());
      print(bytes, generated);
    }
    return ExitCode.COMPLETE.code();
  }

  private Sampling sampling() {
    try {
      return new Sampling(temperature, topK, seed);
    } catch (IllegalArgumentException e) {
      throw new WorkerExit(ExitCode.BAD_SPEC, String.valueOf(e.getMessage()), e);
    }
  }

  private static int[] toTokens(byte[] bytes) {
    int[] tokens = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      tokens[i] = bytes[i] & 0xFF;
    }
    return tokens;
  }

  // Bytes as they are: a model may cut a character in two.
  private static void print(byte[] prompt, int[] generated) {
    PrintStream output = System.out;
    output.write(prompt, 0, prompt.length);
    for (int token : generated) {
      output.write(token);
    }
    output.println();
    output.flush();
  }
}
