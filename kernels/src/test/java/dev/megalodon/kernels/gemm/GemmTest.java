package dev.megalodon.kernels.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.kernels.Closeness;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.Bfloat16;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.host.HostMemoryTransfer;
import dev.megalodon.kernels.threads.ThreadTeam;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All implementations in all precisions against sums in double of what they round their factors to,
 * on shapes that fit their tiles and that do not.
 */
class GemmTest {
  private static final int RANDOM_CASES = 120;

  private final ThreadTeam team = new ThreadTeam(2);
  private final HostAllocator allocator = new HostAllocator();
  private final HostMemoryTransfer transfer = new HostMemoryTransfer();
  private final Random random = new Random(5);

  private final List<Gemm> started = new ArrayList<>();

  /** A GEMM in a precision. */
  record Subject(GemmProvider provider, Precision precision) {
    ElementType parameterType() {
      return precision.parameterType();
    }

    /** The numbers that are multiplied in place of these. */
    double[] factors(double[] values) {
      return precision == Precision.BF16
          ? Arrays.stream(values).map(value -> Bfloat16.round((float) value)).toArray()
          : values;
    }
  }

  /** Everything that runs on this processor; what else there is says so when it is started. */
  static Stream<Subject> subjects() {
    return Arrays.stream(GemmProvider.values())
        .flatMap(
            provider ->
                Arrays.stream(Precision.values())
                    .filter(precision -> runsHere(provider, precision))
                    .map(precision -> new Subject(provider, precision)));
  }

  private static boolean runsHere(GemmProvider provider, Precision precision) {
    if (provider == GemmProvider.ONEDNN && precision == Precision.BF16) {
      try (OneDnn oneDnn = new OneDnn()) {
        return oneDnn.instructionSet().multipliesBfloat16();
      }
    }
    return provider.has(precision);
  }

  private Gemm start(Subject subject) {
    Gemm gemm = subject.provider.create(team, subject.precision);
    started.add(gemm);
    return gemm;
  }

  @AfterEach
  void close() {
    started.forEach(Gemm::close);
    allocator.close();
    team.close();
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void shouldMultiplyAnyShape(Subject subject) {
    Gemm gemm = start(subject);
    for (int i = 0; i < RANDOM_CASES; i++) {
      int m = 1 + random.nextInt(90);
      int n = 1 + random.nextInt(90);
      int k = 1 + random.nextInt(300);
      check(subject, gemm, m, n, k, random.nextInt(3) - 1, random.nextInt(3) - 1);
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void shouldMultiplyShapesThatThreadsShare(Subject subject) {
    Gemm gemm = start(subject);
    check(subject, gemm, 300, 200, 257, 1, 0);
    check(subject, gemm, 1, 700, 513, 0.5, 1);
    check(subject, gemm, 700, 1, 513, 1, 0.5);
    check(subject, gemm, 129, 64, 1024, -2, 1);
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void shouldNotReadResultWhenBetaIsZero(Subject subject) {
    Gemm gemm = start(subject);
    Matrix a = random(17, 300, false);
    Matrix b = random(300, 45, false);
    Tensor c = allocator.allocate(ElementType.FLOAT32, 17, 45);
    fill(c, Double.NaN);

    gemm.multiply(1, a, b, 0, Matrix.of(c));

    for (double value : transfer.toDoubles(c)) {
      assertFalse(Double.isNaN(value));
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void shouldPropagateNotANumber(Subject subject) {
    Gemm gemm = start(subject);
    Matrix a = random(9, 20, false);
    Matrix b = random(20, 9, false);
    HostElements.set(a.storage(), a.index(3, 7), Double.NaN);
    Matrix c = random(9, 9, false);

    gemm.multiply(1, a, b, 0, c);

    for (int j = 0; j < 9; j++) {
      assertTrue(Double.isNaN(HostElements.get(c.storage(), c.index(3, j))));
      assertFalse(Double.isNaN(HostElements.get(c.storage(), c.index(2, j))));
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void shouldScaleResultWhenThereAreNoTerms(Subject subject) {
    Gemm gemm = start(subject);
    Matrix a = Matrix.of(allocator.allocate(ElementType.FLOAT32, 4, 0));
    Matrix b = Matrix.of(allocator.allocate(ElementType.FLOAT32, 0, 5));
    Tensor c = allocator.allocate(ElementType.FLOAT32, 4, 5);
    fill(c, 3);

    gemm.multiply(1, a, b, 0.5, Matrix.of(c));

    for (double value : transfer.toDoubles(c)) {
      assertEquals(1.5, value);
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void shouldRefuseShapesThatDoNotFit(Subject subject) {
    Gemm gemm = start(subject);
    Matrix a = random(3, 4, false);
    Matrix b = random(5, 6, false);
    Matrix c = random(3, 6, false);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> gemm.multiply(1, a, b, 0, c));
    assertEquals("(3, 4)·(5, 6) does not give (3, 6)", e.getMessage());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void shouldBeFoundByItsNameAndSayWhatItIs(Subject subject) {
    GemmProvider provider = subject.provider;
    assertEquals(provider, GemmProvider.byName(provider.label()));
    String description = start(subject).description();
    assertTrue(description.startsWith(provider.label() + ": "), description);
    assertEquals(subject.precision == Precision.BF16, description.contains("bf16"), description);
  }

  @Test
  void shouldRefusePrecisionThatItLacks() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> GemmProvider.OPENBLAS.create(team, Precision.BF16));
    assertEquals(
        "gemm openblas has no bf16: choose another gemm, or precision fp32", e.getMessage());
  }

  /** Where the processor has it, bf16 is among the subjects of the other tests. */
  @Test
  void shouldRefuseBfloat16OnlyWhereOneDnnHasNoKernelsForIt() {
    try (OneDnn oneDnn = new OneDnn()) {
      if (oneDnn.instructionSet().multipliesBfloat16()) {
        assertTrue(subjects().anyMatch(new Subject(GemmProvider.ONEDNN, Precision.BF16)::equals));
        return;
      }
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class, () -> GemmProvider.ONEDNN.create(team, Precision.BF16));
      assertEquals(
          ("oneDNN multiplies bf16 with avx512_core or avx2_vnni_2, and this processor has %s;"
                  + " choose the GEMM 'vector', which emulates bf16, or precision fp32")
              .formatted(oneDnn.instructionSet()),
          e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(GemmProvider.class)
  void shouldRefuseParametersInBfloat16InSinglePrecision(GemmProvider provider) {
    Gemm gemm = start(new Subject(provider, Precision.FP32));
    Matrix a = random(3, 4, false);
    Matrix b = Matrix.of(allocator.allocate(ElementType.BFLOAT16, 4, 5));
    Matrix c = random(3, 5, false);
    assertThrows(IllegalArgumentException.class, () -> gemm.multiply(1, a, b, 0, c));
  }

  /** Growing and shrinking matrices, so that memory kept from the last one is used again. */
  @ParameterizedTest
  @MethodSource("subjects")
  void shouldGiveTheSameBitsAgain(Subject subject) {
    Gemm gemm = start(subject);
    Matrix a = random(70, 130, true);
    Matrix b = random(130, 50, false);
    Matrix c = random(70, 50, false);
    gemm.multiply(1, a, b, 0, c);
    double[] first = transfer.toDoubles(c.storage());
    check(subject, gemm, 200, 200, 200, 1, 0);

    gemm.multiply(1, a, b, 0, c);

    assertArrayEquals(first, transfer.toDoubles(c.storage()));
  }

  @Test
  void shouldListNamesWhenThereIsNoSuchGemm() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> GemmProvider.byName("fast"));
    assertEquals("no GEMM is called 'fast'; there are vector, openblas, onednn", e.getMessage());
  }

  /** The promise of {@link VectorGemm} on which sharded and whole runs agree. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldGiveSameBitsForPartOfProduct(Precision precision) {
    Gemm gemm = new VectorGemm(team, precision);
    Matrix a = random(150, 600, false);
    Matrix b = random(600, 170, true);
    Matrix whole = random(150, 170, false);
    Matrix part = random(37, 51, false);
    gemm.multiply(1.3, a, b, 0, whole);

    Matrix rows = Matrix.block(a.storage(), a.index(11, 0), 37, 600, a.rowStride());
    Matrix columns = Matrix.block(b.storage(), b.index(0, 23), 51, 600, b.rowStride()).transpose();
    gemm.multiply(1.3, rows, columns, 0, part);

    for (int i = 0; i < 37; i++) {
      for (int j = 0; j < 51; j++) {
        assertEquals(
            HostElements.get(whole.storage(), whole.index(11 + i, 23 + j)),
            HostElements.get(part.storage(), part.index(i, j)));
      }
    }
  }

  /** All four transpositions of one shape, each on strided storage with room around it. */
  private void check(Subject subject, Gemm gemm, int m, int n, int k, double alpha, double beta) {
    for (int transposition = 0; transposition < 4; transposition++) {
      Matrix a = random(m, k, (transposition & 1) != 0);
      Matrix b = random(subject.parameterType(), k, n, (transposition & 2) != 0);
      Matrix c = random(m, n, false);
      double[] before = transfer.toDoubles(c.storage());
      double[] expected = expected(subject, alpha, a, b, beta, c, before);

      gemm.multiply(alpha, a, b, beta, c);

      double[] after = transfer.toDoubles(c.storage());
      String name = gemm.description() + " " + a + " " + b;
      Closeness.assertElements(name, expected, after, 1e-5 * Math.sqrt(k), 1e-5);
      assertArrayEquals(outside(c, before), outside(c, after), name + " wrote outside of C");
    }
  }

  private double[] expected(
      Subject subject, double alpha, Matrix a, Matrix b, double beta, Matrix c, double[] before) {
    double[] factorsA = subject.factors(transfer.toDoubles(a.storage()));
    double[] factorsB = subject.factors(transfer.toDoubles(b.storage()));
    double[] result = before.clone();
    for (int i = 0; i < c.rows(); i++) {
      for (int j = 0; j < c.cols(); j++) {
        double sum = 0;
        for (int k = 0; k < a.effectiveCols(); k++) {
          sum += factorsA[(int) a.index(i, k)] * factorsB[(int) b.index(k, j)];
        }
        int at = (int) c.index(i, j);
        result[at] = alpha * sum + beta * before[at];
      }
    }
    return result;
  }

  /** What is in the storage but not in the matrix; its entries become 0. */
  private static double[] outside(Matrix matrix, double[] storage) {
    double[] result = storage.clone();
    for (int i = 0; i < matrix.rows(); i++) {
      for (int j = 0; j < matrix.cols(); j++) {
        result[(int) matrix.index(i, j)] = 0;
      }
    }
    return result;
  }

  /** A matrix of random numbers somewhere in a larger storage. */
  private Matrix random(int rows, int cols, boolean transposed) {
    return random(ElementType.FLOAT32, rows, cols, transposed);
  }

  private Matrix random(ElementType type, int rows, int cols, boolean transposed) {
    int storedRows = transposed ? cols : rows;
    int storedCols = transposed ? rows : cols;
    int stride = storedCols + random.nextInt(3);
    int offset = random.nextInt(5);
    Tensor storage = allocator.allocate(type, offset + (long) storedRows * stride + 2);
    for (int i = 0; i < storage.size(); i++) {
      HostElements.set(storage, i, random.nextGaussian());
    }
    Matrix matrix = Matrix.block(storage, offset, storedRows, storedCols, stride);
    return transposed ? matrix.transpose() : matrix;
  }

  private static void fill(Tensor tensor, double value) {
    for (int i = 0; i < tensor.size(); i++) {
      HostElements.set(tensor, i, value);
    }
  }
}
