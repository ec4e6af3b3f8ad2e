package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.data.Corpus;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures a model's loss on a text, read as one stream. */
@Command(
    name = "eval",
    description = "Measures a model's loss on files, read as one stream from their beginning.",
    mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "Safetensors file, checkpoint or job folder.")
  private Path model = Path.of("");

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = "Files, folders.")
  private List<Path> sources = List.of();

  @Option(
      names = "--bytes",
      defaultValue = "1048576",
      description = "Bytes to read at most (default ${DEFAULT-VALUE}).")
  private long bytes;

  @Mixin private DeviceOptions deviceOptions = new DeviceOptions();

  @Override
  public Integer call() {
    try (OpenDevice open = deviceOptions.start();
        Corpus corpus = Corpus.open(sources)) {
      long tokens = Math.min(bytes, corpus.size() - 1);
      double loss = loss(ModelFile.find(model).load(open.device()), corpus, tokens) / tokens;
      System.out.printf(
          Locale.ROOT,
          "%d tokens, loss %.4f nats/byte, %.4f bits/byte, perplexity %.3f%n",
          tokens,
          loss,
          loss / Math.log(2),
          Math.exp(loss));
    }
    return ExitCode.COMPLETE.code();
  }

  private double loss(MegalodonModel loaded, Corpus corpus, long tokens) {
    int piece = loaded.config().chunkSize();
    StreamLoss stream = new StreamLoss(loaded);
    double sum = 0;
    for (long from = 0; from < tokens; from += piece) {
      byte[] bytesAndTarget = new byte[(int) Math.min(piece, tokens - from) + 1];
      corpus.read(from, bytesAndTarget);
      sum += stream.feed(bytesAndTarget);
    }
    return sum;
  }

  /** Sums losses along a stream. */
  private static final class StreamLoss {
    private final Device device;
    private final ModelStream stream;
    private final Tensor targets; // (C)
    private final Tensor losses; // (C)

    StreamLoss(MegalodonModel model) {
      this.device = model.device();
      this.stream = new ModelStream(model, 1);
      this.targets = device.allocate(ElementType.INT32, model.config().chunkSize());
      this.losses = device.allocate(ElementType.FLOAT64, model.config().chunkSize());
    }

    /** The sum of the losses of all bytes but the first. */
    double feed(byte[] bytes) {
      int[] all = new int[bytes.length];
      Arrays.setAll(all, i -> bytes[i] & 0xFF);
      double[] sum = new double[1];
      stream.feed(
          Arrays.copyOf(all, all.length - 1),
          (from, logits) -> {
            int steps = Math.toIntExact(logits.dim(1));
            sum[0] += loss(logits, Arrays.copyOfRange(all, from + 1, from + 1 + steps));
          });
      return sum[0];
    }

    private double loss(Tensor logits, int[] wanted) {
      Tensor someTargets = targets.slice(0, wanted.length);
      device.transfer().write(wanted, someTargets);
      return device
          .crossEntropy()
          .forward(
              logits.reshape(logits.rows(), logits.dim(-1)),
              someTargets,
              0,
              losses.slice(0, wanted.length));
    }
  }
}
