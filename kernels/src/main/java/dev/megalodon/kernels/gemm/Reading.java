package dev.megalodon.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.host.Bfloat16;
import java.lang.foreign.MemorySegment;

/** How elements of a factor become the singles that are multiplied. */
enum Reading {
  /** FLOAT32 as it is. */
  AS_STORED {
    @Override
    void copy(MemorySegment source, long from, float[] target, int at, int count) {
      if (count == GemmKernels.COLUMNS) {
        GemmKernels.copyRow(source, 4 * from, target, at); // a bulk copy takes longer to begin
      } else {
        MemorySegment.copy(source, JAVA_FLOAT, 4 * from, target, at, count);
      }
    }
  },
  /** FLOAT32, rounded to what BFLOAT16 holds. */
  ROUNDED {
    @Override
    void copy(MemorySegment source, long from, float[] target, int at, int count) {
      Bfloat16.round(source, 4 * from, target, at, count);
    }
  },
  /** BFLOAT16, which every single can hold. */
  WIDENED {
    @Override
    void copy(MemorySegment source, long from, float[] target, int at, int count) {
      Bfloat16.widen(source, 2 * from, target, at, count);
    }
  };

  /**
   * How to read a factor.
   *
   * @throws IllegalArgumentException when the precision has no factors of that type
   */
  static Reading of(Matrix factor, Precision precision) {
    ElementType type = factor.storage().type();
    if (type == precision.parameterType()) {
      return precision == Precision.BF16 ? WIDENED : AS_STORED;
    }
    if (type == ElementType.FLOAT32) {
      return ROUNDED;
    }
    throw new IllegalArgumentException(
        "the cpu multiplies %s in precision %s, not %s"
            .formatted(
                precision == Precision.BF16 ? "FLOAT32 and BFLOAT16" : "FLOAT32",
                precision.label(),
                factor.storage()));
  }

  /**
   * Copies elements.
   *
   * @param from index of the first element in {@code source}
   */
  abstract void copy(MemorySegment source, long from, float[] target, int at, int count);
}
