package dev.megalodon.trainer.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.trainer.optimizer.AdamWSettings;
import dev.megalodon.trainer.optimizer.LearningRateSchedule;

/** How the fixture of a training run is to be read. */
final class TrainingFixture {
  private TrainingFixture() {}

  static AdamWSettings settings(JsonNode json) {
    return new AdamWSettings(
        json.get("b1").doubleValue(),
        json.get("b2").doubleValue(),
        json.get("eps").doubleValue(),
        json.get("wd").doubleValue(),
        json.get("clip").doubleValue());
  }

  static LearningRateSchedule schedule(JsonNode json) {
    return new LearningRateSchedule(
        LearningRateSchedule.Shape.LINEAR,
        json.get("lr").doubleValue(),
        json.get("warmup").longValue(),
        json.get("total").longValue(),
        1e-4,
        json.get("end_ratio").doubleValue(),
        1);
  }

  /**
   * Tokens and those that follow them.
   *
   * @param inputs (B, L)
   * @param targets (B, L)
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Batch(int[] inputs, int[] targets) {
    /** From rows of L + 1 tokens, the first of which is {@code firstRow}. */
    static Batch of(int[] tokens, int firstRow, int rows, int length) {
      return new Batch(
          columns(tokens, firstRow, rows, length, 0), columns(tokens, firstRow, rows, length, 1));
    }

    private static int[] columns(int[] tokens, int firstRow, int rows, int length, int from) {
      int[] result = new int[rows * length];
      for (int row = 0; row < rows; row++) {
        int start = (firstRow + row) * (length + 1) + from;
        System.arraycopy(tokens, start, result, row * length, length);
      }
      return result;
    }
  }
}
