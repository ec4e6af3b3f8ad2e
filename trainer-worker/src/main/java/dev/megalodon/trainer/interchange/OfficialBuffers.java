package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.trainer.model.ModelConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the reference implementation stores beside parameters: the prior statistics of every
 * timestep norm, which nothing ever changes from zero, and the frequencies of the rotary embedding,
 * which the configuration gives.
 */
final class OfficialBuffers {
  static final String FREQUENCIES = "rope.freqs";
  static final String PRIOR_COUNT = "prior_count";
  static final String PRIOR_MEAN = "prior_mean";
  static final String PRIOR_LOG_VARIANCE = "prior_logv";
  static final String FINAL_NORM = "output.final_norm.";

  /** A stored frequency may be rounded to bfloat16, which has 8 bits of precision. */
  private static final double FREQUENCY_TOLERANCE = 1.0 / 256;

  private OfficialBuffers() {}

  /** All of a model's buffers, as its constructor makes them. */
  static List<NamedTensor> of(ModelConfig config) {
    List<NamedTensor> buffers = new ArrayList<>();
    buffers.add(floats(FREQUENCIES, frequencies(config)));
    for (int layer = 0; layer < config.layers(); layer++) {
      addPriors("layers.%d.mega.timenorm.".formatted(layer), config.normGroups(), buffers);
    }
    addPriors(FINAL_NORM, config.normGroups(), buffers);
    return buffers;
  }

  private static void addPriors(String prefix, int groups, List<NamedTensor> buffers) {
    buffers.add(
        new NamedTensor(
            prefix + PRIOR_COUNT,
            DataType.I64,
            List.of(),
            scratch -> scratch.allocate(ValueLayout.JAVA_LONG)));
    buffers.add(floats(prefix + PRIOR_MEAN, new float[groups]));
    buffers.add(floats(prefix + PRIOR_LOG_VARIANCE, new float[groups]));
  }

  private static NamedTensor floats(String name, float[] values) {
    return new NamedTensor(
        name,
        DataType.F32,
        List.of((long) values.length),
        scratch -> scratch.allocateFrom(ValueLayout.JAVA_FLOAT, values));
  }

  /** 1 / base^(2i/z), rounded to single where the reference implementation rounds. */
  private static float[] frequencies(ModelConfig config) {
    float[] frequencies = new float[config.zHeadDim() / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double exponent = 2.0 * i / config.zHeadDim();
      frequencies[i] = 1 / (float) StrictMath.pow(config.ropeBase(), exponent);
    }
    return frequencies;
  }

  /**
   * Checks that a file's buffer says what this program assumes.
   *
   * @throws InterchangeException naming the buffer, and what it says instead
   */
  static void require(NamedTensor buffer, ModelConfig config) throws IOException {
    if (buffer.name().endsWith(FREQUENCIES)) {
      requireFrequencies(buffer, config);
    } else {
      requireZero(buffer);
    }
  }

  private static void requireFrequencies(NamedTensor buffer, ModelConfig config)
      throws IOException {
    float[] wanted = frequencies(config);
    double[] stored = Numbers.of(buffer);
    boolean close = stored.length == wanted.length;
    for (int i = 0; close && i < stored.length; i++) {
      close = Math.abs(stored[i] - wanted[i]) <= FREQUENCY_TOLERANCE * wanted[i];
    }
    if (!close) {
      throw new InterchangeException(
          "buffer '%s' holds %s, but %d heads of %d and a rope base of %s make %s"
              .formatted(
                  buffer.name(),
                  Arrays.toString(stored),
                  config.heads(),
                  config.zHeadDim(),
                  config.ropeBase(),
                  Arrays.toString(wanted)));
    }
  }

  private static void requireZero(NamedTensor buffer) throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment bytes = buffer.bytes(scratch);
      for (long i = 0; i < bytes.byteSize(); i++) {
        if (bytes.get(ValueLayout.JAVA_BYTE, i) != 0) {
          throw new InterchangeException(
              ("buffer '%s' is not zero: the model starts timestep norm from statistics of its own,"
                      + " which this program does not do")
                  .formatted(buffer.name()));
        }
      }
    }
  }
}
