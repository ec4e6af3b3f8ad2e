package dev.megalodon.kernels.gemm;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.shape.GemmShape;
import dev.megalodon.kernels.shape.Shapes;
import dev.megalodon.kernels.threads.ThreadTeam;
import java.lang.foreign.MemorySegment;

/**
 * Packed GEMM in the Vector API, without native code. It computes in single precision; with
 * BFLOAT16 it rounds the factors to that type while it packs them, and computes with the rounded
 * numbers. A product of two BFLOAT16 numbers is exact in FLOAT32, so this is what an instruction
 * for BFLOAT16 does, up to the order of the sum.
 *
 * <p>Every entry of the product is a sum in the order of its terms, in fused multiply-adds, cut
 * into pieces of {@link GemmKernels#DEPTH} terms that are added to C one after the other. So its
 * bits depend on its row of A, its column of B, α, β and its old value alone: not on the shape
 * around it, on strides or transposition, on the number of threads, or on the width of the vectors.
 */
public final class VectorGemm implements Gemm {
  /** Packed columns of B kept at a time, in elements: what a last-level cache holds. */
  private static final int PACKED_B_ELEMENTS = 4 << 20;

  /** Rows of A packed at a time: with DEPTH columns they fill a quarter of a 256 KB cache. */
  private static final int BLOCK_ROWS = 64;

  /** Multiply-adds that are worth handing to another thread: some 15 µs. */
  private static final long SMALLEST_PART = 1 << 20;

  private final ThreadTeam team;
  private final Precision precision;
  private final Buffers[] members;
  private float[] packedB = new float[0];

  /** A GEMM that works with all members of a team. */
  public VectorGemm(ThreadTeam team, Precision precision) {
    this.team = team;
    this.precision = precision;
    this.members = new Buffers[team.size()];
    for (int i = 0; i < members.length; i++) {
      members[i] = new Buffers();
    }
  }

  /** What one thread packs into. */
  private static final class Buffers {
    private final float[] a = new float[BLOCK_ROWS * GemmKernels.A_STRIDE];
    private final float[] stored = new float[BLOCK_ROWS * GemmKernels.DEPTH];
    private final float[] tile = new float[GemmKernels.ROWS * GemmKernels.COLUMNS];
  }

  /**
   * Bytes on the Java heap that packing takes at most.
   *
   * @param threads members of the team
   * @param depth k of the deepest product
   */
  public static long packingBytes(int threads, long depth) {
    long columns = Math.max(PACKED_B_ELEMENTS, depth * GemmKernels.COLUMNS);
    long member =
        (long) BLOCK_ROWS * (GemmKernels.A_STRIDE + GemmKernels.DEPTH)
            + GemmKernels.ROWS * GemmKernels.COLUMNS;
    return Float.BYTES * (columns + threads * member);
  }

  @Override
  public String description() {
    String factors = precision == Precision.BF16 ? ", emulated bf16" : "";
    return "vector: Vector API, %d-bit vectors, %d threads, sums of %d terms%s"
        .formatted(GemmKernels.vectorBits(), team.size(), GemmKernels.DEPTH, factors);
  }

  @Override
  public void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    GemmShape shape = GemmShape.of(a, b, c);
    Reading readA = Reading.of(a, precision);
    Reading readB = Reading.of(b, precision);
    requireFloats(c);
    if (shape.m() == 0 || shape.n() == 0) {
      return;
    }
    if (shape.k() == 0) {
      EmptySum.scale((float) beta, c, shape);
      return;
    }
    int columns = columnsAtATime(shape);
    for (int column = 0; column < shape.n(); column += columns) {
      int count = Math.min(columns, shape.n() - column);
      packB(b, readB, column, count, shape.k());
      new Pass((float) alpha, a, readA, (float) beta, c, shape, column, count).run();
    }
  }

  private static void requireFloats(Matrix matrix) {
    Shapes.require(
        matrix.storage().type() == ElementType.FLOAT32,
        "the cpu multiplies FLOAT32, not %s",
        matrix.storage());
  }

  private static int columnsAtATime(GemmShape shape) {
    int panels = PACKED_B_ELEMENTS / shape.k() / GemmKernels.COLUMNS;
    return Math.max(1, panels) * GemmKernels.COLUMNS;
  }

  /** Packs columns of B into panels (k, COLUMNS); the last panel's excess columns are not set. */
  private void packB(Matrix b, Reading reading, int column, int count, int k) {
    int panels = Math.ceilDiv(count, GemmKernels.COLUMNS);
    int panelSize = k * GemmKernels.COLUMNS;
    if (packedB.length < panels * panelSize) {
      packedB = new float[panels * panelSize];
    }
    float[] packed = packedB;
    team.forEach(
        panels,
        Math.max(1, SMALLEST_PART / 8 / panelSize),
        (member, first, end) -> {
          for (int panel = (int) first; panel < end; panel++) {
            int from = panel * GemmKernels.COLUMNS;
            int width = Math.min(GemmKernels.COLUMNS, count - from);
            Packing.panelOfB(
                b,
                reading,
                column + from,
                width,
                k,
                packed,
                panel * panelSize,
                members[member].stored);
          }
        });
  }

  /** One multiplication by the columns of B that are packed. */
  private final class Pass {
    private final float alpha;
    private final Matrix a;
    private final Reading readA;
    private final float beta;
    private final Matrix c;
    private final GemmShape shape;
    private final int column;
    private final int columns;
    private final int blockRows;

    Pass(
        float alpha,
        Matrix a,
        Reading readA,
        float beta,
        Matrix c,
        GemmShape shape,
        int column,
        int columns) {
      this.alpha = alpha;
      this.a = a;
      this.readA = readA;
      this.beta = beta;
      this.c = c;
      this.shape = shape;
      this.column = column;
      this.columns = columns;
      int share = Math.ceilDiv(shape.m(), 2 * team.size());
      int whole = Math.ceilDiv(share, GemmKernels.ROWS) * GemmKernels.ROWS;
      this.blockRows = team.size() == 1 ? BLOCK_ROWS : Math.min(BLOCK_ROWS, whole);
    }

    void run() {
      long workPerBlock = (long) blockRows * columns * shape.k();
      team.forEach(
          Math.ceilDiv(shape.m(), blockRows),
          Math.max(1, SMALLEST_PART / workPerBlock),
          (member, first, end) -> {
            for (int block = (int) first; block < end; block++) {
              multiplyBlock(members[member], block * blockRows);
            }
          });
    }

    private void multiplyBlock(Buffers buffers, int row) {
      int rows = Math.min(blockRows, shape.m() - row);
      for (int k = 0; k < shape.k(); k += GemmKernels.DEPTH) {
        int depth = Math.min(GemmKernels.DEPTH, shape.k() - k);
        Packing.rowsOfA(a, readA, row, rows, k, depth, buffers.a, buffers.stored);
        for (int j = 0; j < columns; j += GemmKernels.COLUMNS) {
          int panel = j * shape.k() + k * GemmKernels.COLUMNS;
          multiplyPanel(buffers, row, rows, k, depth, j, panel);
        }
      }
    }

    private void multiplyPanel(
        Buffers buffers, int row, int rows, int k, int depth, int j, int panel) {
      for (int i = 0; i < rows; i += GemmKernels.ROWS) {
        GemmKernels.multiply(
            buffers.a, i * GemmKernels.A_STRIDE, packedB, panel, depth, buffers.tile);
        merge(
            buffers.tile,
            row + i,
            Math.min(GemmKernels.ROWS, rows - i),
            column + j,
            Math.min(GemmKernels.COLUMNS, columns - j),
            /* first= */ k == 0);
      }
    }

    /** Adds a tile to C; the first pass scales what was there, the others add. */
    private void merge(float[] tile, int row, int rows, int at, int width, boolean first) {
      float factor = first ? beta : 1;
      boolean read = !first || beta != 0;
      MemorySegment memory = c.storage().memory();
      long to = c.index(row, at);
      if (width < GemmKernels.COLUMNS) {
        for (int i = 0; i < rows; i++) {
          int from = i * GemmKernels.COLUMNS;
          mergeElements(tile, from, width, factor, memory, to + i * c.rowStride(), read);
        }
      } else if (read) {
        GemmKernels.merge(tile, rows, alpha, factor, memory, 4 * to, 4 * c.rowStride());
      } else {
        GemmKernels.replace(tile, rows, alpha, memory, 4 * to, 4 * c.rowStride());
      }
    }

    private void mergeElements(
        float[] tile,
        int from,
        int width,
        float factor,
        MemorySegment memory,
        long to,
        boolean read) {
      for (int j = 0; j < width; j++) {
        float sum = tile[from + j];
        float result =
            read
                ? Math.fma(sum, alpha, memory.getAtIndex(JAVA_FLOAT, to + j) * factor)
                : sum * alpha;
        memory.setAtIndex(JAVA_FLOAT, to + j, result);
      }
    }
  }
}
