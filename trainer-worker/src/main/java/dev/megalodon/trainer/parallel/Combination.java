package dev.megalodon.trainer.parallel;

import dev.megalodon.kernels.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** What is done with received elements: one addition each, so vector and scalar bits are equal. */
enum Combination {
  /** The received bytes replace what was there. */
  COPY {
    @Override
    void apply(MemorySegment source, long from, MemorySegment target, long to, long bytes) {
      MemorySegment.copy(source, from, target, to, bytes);
    }
  },
  /** The received singles are added to what was there. */
  SUM_FLOAT32 {
    @Override
    void apply(MemorySegment source, long from, MemorySegment target, long to, long bytes) {
      long done = addFloatVectors(source, from, target, to, bytes);
      for (; done < bytes; done += Float.BYTES) {
        float sum = target.get(FLOAT, to + done) + source.get(FLOAT, from + done);
        target.set(FLOAT, to + done, sum);
      }
    }
  },
  /** The received doubles are added to what was there. */
  SUM_FLOAT64 {
    @Override
    void apply(MemorySegment source, long from, MemorySegment target, long to, long bytes) {
      long done = addDoubleVectors(source, from, target, to, bytes);
      for (; done < bytes; done += Double.BYTES) {
        double sum = target.get(DOUBLE, to + done) + source.get(DOUBLE, from + done);
        target.set(DOUBLE, to + done, sum);
      }
    }
  };

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  /** Combines {@code bytes} bytes of {@code source} into {@code target}. */
  abstract void apply(MemorySegment source, long from, MemorySegment target, long to, long bytes);

  /**
   * The sum for elements of a type.
   *
   * @throws IllegalArgumentException for types that collectives do not add
   */
  static Combination sum(ElementType type) {
    return switch (type) {
      case FLOAT32 -> SUM_FLOAT32;
      case FLOAT64 -> SUM_FLOAT64;
      case BFLOAT16, INT32, UINT8 ->
          throw new IllegalArgumentException(
              "collectives add FLOAT32 or FLOAT64, not " + type + ": convert before");
    };
  }

  private static long addFloatVectors(
      MemorySegment source, long from, MemorySegment target, long to, long bytes) {
    int step = FLOATS.vectorByteSize();
    long i = 0;
    for (; i <= bytes - step; i += step) {
      FloatVector received = FloatVector.fromMemorySegment(FLOATS, source, from + i, ORDER);
      FloatVector own = FloatVector.fromMemorySegment(FLOATS, target, to + i, ORDER);
      own.add(received).intoMemorySegment(target, to + i, ORDER);
    }
    return i;
  }

  private static long addDoubleVectors(
      MemorySegment source, long from, MemorySegment target, long to, long bytes) {
    int step = DOUBLES.vectorByteSize();
    long i = 0;
    for (; i <= bytes - step; i += step) {
      DoubleVector received = DoubleVector.fromMemorySegment(DOUBLES, source, from + i, ORDER);
      DoubleVector own = DoubleVector.fromMemorySegment(DOUBLES, target, to + i, ORDER);
      own.add(received).intoMemorySegment(target, to + i, ORDER);
    }
    return i;
  }
}
