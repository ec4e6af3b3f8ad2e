package dev.megalodon.trainer.model;

import java.util.List;

/** Cuts what is laid out as (B, L, width) into the slices of ranks, and joins results. */
public final class SlicedTokens {
  private SlicedTokens() {}

  /** The tokens (B, L) of one rank's slice. */
  public static int[] of(int[] tokens, int batch, List<Integer> lengths, int rank) {
    int length = lengths.stream().mapToInt(Integer::intValue).sum();
    int own = lengths.get(rank);
    int[] slice = new int[batch * own];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(tokens, b * length + start(lengths, rank), slice, b * own, own);
    }
    return slice;
  }

  /** (B, L, width) from every rank's (B, l, width). */
  public static double[] join(List<double[]> slices, int batch, List<Integer> lengths, int width) {
    int length = lengths.stream().mapToInt(Integer::intValue).sum();
    double[] whole = new double[batch * length * width];
    for (int rank = 0; rank < slices.size(); rank++) {
      int own = lengths.get(rank) * width;
      for (int b = 0; b < batch; b++) {
        int target = (b * length + start(lengths, rank)) * width;
        System.arraycopy(slices.get(rank), b * own, whole, target, own);
      }
    }
    return whole;
  }

  /** Σ over ranks, in rank order. */
  public static double[] sum(List<double[]> ofRanks) {
    double[] sum = new double[ofRanks.getFirst().length];
    for (double[] values : ofRanks) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += values[i];
      }
    }
    return sum;
  }

  private static int start(List<Integer> lengths, int rank) {
    return lengths.subList(0, rank).stream().mapToInt(Integer::intValue).sum();
  }
}
