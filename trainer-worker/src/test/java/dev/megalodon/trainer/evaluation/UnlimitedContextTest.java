package dev.megalodon.trainer.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.Initialization;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.tokenizer.ByteTokenizer;
import dev.megalodon.trainer.training.TrainingState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** A document as long as one likes takes the memory of a short one, the way eval reads it. */
class UnlimitedContextTest {
  private static final long TOKENS = 10_000_000;
  private static final long WARM = 2_000_000;
  private static final long GROWTH = 64L << 20; // what the Java heap may take meanwhile

  private static final ModelConfig TINY =
      new ModelConfig(1, 16, 8, 16, 1, 16, 2, 256, 2, 1e-5, 256, 1e4, false, false, false, false);

  @Test
  void shouldReadTenMillionTokensInConstantMemory() throws IOException {
    try (Device device = new CpuDevice(1)) {
      DocumentEvaluator evaluator = new DocumentEvaluator(model(device), new ByteTokenizer());
      long[] allocated = new long[2];
      long[] resident = new long[2];
      Text text =
          new Text(
              position -> {
                int when = position < WARM + (1 << 20) ? 0 : 1;
                allocated[when] = device.allocatedBytes();
                resident[when] = resident();
              });
      long begun = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      TextLoss loss = evaluator.evaluate(text, TOKENS);
      System.out.printf(
          "%d tokens in %d ms of one thread's time, %d bytes of tensors, resident %d MiB after %d tokens and %d MiB after all%n",
          TOKENS,
          (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begun) / 1_000_000,
          allocated[1],
          resident[0] >> 20,
          WARM,
          resident[1] >> 20);
      assertEquals(TOKENS - 1, loss.tokens());
      assertTrue(Double.isFinite(loss.loss()) && loss.loss() > 0, "loss " + loss.loss());
      assertTrue(allocated[0] > 0);
      assertEquals(allocated[0], allocated[1]);
      assertTrue(resident[1] - resident[0] <= GROWTH, resident[0] + " to " + resident[1]);
    }
  }

  @Test
  void shouldGiveTheSameLossHoweverTheTextIsCut() throws IOException {
    byte[] text = new byte[1000];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i * 31 % 251);
    }
    try (Device device = new CpuDevice(1)) {
      MegalodonModel model = model(device);
      TextLoss whole =
          new DocumentEvaluator(model, new ByteTokenizer())
              .evaluate(new ByteArrayInputStream(text), Long.MAX_VALUE);
      StreamLoss pieces = new StreamLoss(model);
      for (int from = 0; from < text.length; from += 7) {
        int count = Math.min(7, text.length - from);
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
          tokens[i] = Byte.toUnsignedInt(text[from + i]);
        }
        pieces.accept(tokens);
      }
      assertEquals(whole, pieces.finish(text.length - 1));
    }
  }

  @Test
  void shouldBeginEveryDocumentAfresh() throws IOException {
    byte[] text = "the same words twice, and twice the same loss".repeat(9).getBytes("UTF-8");
    try (Device device = new CpuDevice(1)) {
      DocumentEvaluator evaluator = new DocumentEvaluator(model(device), new ByteTokenizer());
      TextLoss first = evaluator.evaluate(new ByteArrayInputStream(text), Long.MAX_VALUE);
      TextLoss second = evaluator.evaluate(new ByteArrayInputStream(text), Long.MAX_VALUE);
      assertEquals(first, second);
      assertEquals(text.length - 1, first.bytes());
      assertEquals(first.loss() / Math.log(2), first.bitsPerByte(), 1e-12);
    }
  }

  private static MegalodonModel model(Device device) {
    FlatTensors parameters =
        FlatTensors.allocate(device, TrainingState.layout(TINY, 1, device.elementType().bytes()));
    Initialization.initialize(device, TINY, 3, parameters);
    return new MegalodonModel(device, device, TINY, ModelWeights.of(TINY, parameters));
  }

  private static long resident() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException("this test reads /proc, as Linux has it", e);
    }
  }

  /** Bytes without end, which exist only when they are read; tells where it is about to read. */
  private static final class Text extends InputStream {
    private final LongConsumer listener;
    private long position;

    Text(LongConsumer listener) {
      this.listener = listener;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) == 1 ? Byte.toUnsignedInt(one[0]) : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (position >= WARM) {
        listener.accept(position);
      }
      for (int i = 0; i < length; i++) {
        long at = position++;
        target[offset + i] = (byte) (at % 61 == 60 ? '\n' : 'a' + (at * at + at / 7) % 26);
      }
      return length;
    }
  }
}
