package dev.megalodon.kernels.cpu;

/**
 * Arrays that one member of the team works in, kept from call to call. A slot's array is as large
 * as the largest request for it so far and holds whatever was left there.
 */
final class Scratch {
  private static final int SLOTS = 16;

  /** Room for the lanes of a reduction. */
  final float[] lanes = new float[Lanes.WIDTH];

  private final float[][] floats = new float[SLOTS][0];
  private final double[][] doubles = new double[SLOTS][0];

  /** An array of at least that many floats. */
  float[] floats(int slot, int size) {
    if (floats[slot].length < size) {
      floats[slot] = new float[size];
    }
    return floats[slot];
  }

  /** An array of at least that many doubles. */
  double[] doubles(int slot, int size) {
    if (doubles[slot].length < size) {
      doubles[slot] = new double[size];
    }
    return doubles[slot];
  }
}
