package dev.megalodon.kernels.gemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.shape.GemmShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A matrix product of fixed shape and layout, compiled by oneDNN for any data. */
final class OneDnnProduct implements AutoCloseable {
  // dnnl_data_type_t, dnnl_alg_kind_t and the arguments' indices in oneapi/dnnl/dnnl_types.h.
  private static final int UNDEFINED = 0;
  private static final int BF16 = 2;
  private static final int F32 = 3;
  private static final int LINEAR = 0x26;
  private static final int SOURCE = 1;
  private static final int WEIGHTS = 33;
  private static final int DESTINATION = 17;

  /** {@code dnnl_exec_arg_t}: an int, padding, a pointer. */
  private static final int ARGUMENT_BYTES = 16;

  private final OneDnn oneDnn;
  private final MemorySegment primitive;
  private final MemorySegment a;
  private final MemorySegment b;
  private final MemorySegment c;
  private final MemorySegment arguments;

  /**
   * What a product is compiled for.
   *
   * @param shape m, n and k
   * @param factors type of the elements of A and B
   * @param a where A's elements lie
   * @param b where B's elements lie
   * @param c where C's elements lie
   * @param alpha factor of the product
   * @param beta factor of C's old content
   */
  record Form(
      GemmShape shape,
      ElementType factors,
      Layout a,
      Layout b,
      Layout c,
      float alpha,
      float beta) {}

  /**
   * Where a matrix's elements lie.
   *
   * @param rowStride elements from one stored row to the next
   * @param transposed whether stored rows are columns
   */
  record Layout(long rowStride, boolean transposed) {
    static Layout of(Matrix matrix) {
      return new Layout(Math.max(1, matrix.rowStride()), matrix.transposed());
    }

    private long[] strides() {
      return transposed ? new long[] {1, rowStride} : new long[] {rowStride, 1};
    }
  }

  /** Compiles; the number of threads that was set for the calling thread is part of the result. */
  OneDnnProduct(OneDnn oneDnn, Form form) {
    this.oneDnn = oneDnn;
    GemmShape shape = form.shape();
    int factors = form.factors() == ElementType.BFLOAT16 ? BF16 : F32;
    MemorySegment layoutA = layout(shape.m(), shape.k(), form.a(), factors);
    MemorySegment layoutB = layout(shape.k(), shape.n(), form.b(), factors);
    MemorySegment layoutC = layout(shape.m(), shape.n(), form.c(), F32);
    primitive = compile(form, layoutA, layoutB, layoutC);
    a = memory(layoutA);
    b = memory(layoutB);
    c = memory(layoutC);
    arguments = Arena.ofAuto().allocate(3 * ARGUMENT_BYTES, ADDRESS.byteAlignment());
    setArgument(0, SOURCE, a);
    setArgument(1, WEIGHTS, b);
    setArgument(2, DESTINATION, c);
  }

  private MemorySegment layout(long rows, long columns, Layout layout, int type) {
    try (Arena arena = Arena.ofConfined()) {
      return oneDnn.create(
          "dnnl_memory_desc_create_with_strides",
          2,
          arena.allocateFrom(JAVA_LONG, rows, columns),
          type,
          arena.allocateFrom(JAVA_LONG, layout.strides()));
    }
  }

  private MemorySegment compile(Form form, MemorySegment a, MemorySegment b, MemorySegment c) {
    MemorySegment attributes = attributes(form.alpha(), form.beta());
    MemorySegment description =
        oneDnn.create(
            "dnnl_matmul_primitive_desc_create",
            oneDnn.engine(),
            a,
            b,
            /* bias= */ MemorySegment.NULL,
            c,
            attributes);
    MemorySegment compiled = oneDnn.create("dnnl_primitive_create", description);
    oneDnn.call("dnnl_primitive_desc_destroy", description);
    oneDnn.call("dnnl_primitive_attr_destroy", attributes);
    return compiled;
  }

  /** α·AB, then + β·C: only what changes something, so C is not read when β is 0. */
  private MemorySegment attributes(float alpha, float beta) {
    MemorySegment operations = oneDnn.create("dnnl_post_ops_create");
    if (alpha != 1) {
      oneDnn.call("dnnl_post_ops_append_eltwise", operations, LINEAR, alpha, 0f);
    }
    if (beta != 0) {
      oneDnn.call("dnnl_post_ops_append_sum", operations, beta, /* zero= */ 0, UNDEFINED);
    }
    MemorySegment attributes = oneDnn.create("dnnl_primitive_attr_create");
    oneDnn.call("dnnl_primitive_attr_set_post_ops", attributes, operations);
    oneDnn.call("dnnl_post_ops_destroy", operations);
    return attributes;
  }

  private MemorySegment memory(MemorySegment layout) {
    MemorySegment memory =
        oneDnn.create("dnnl_memory_create", layout, oneDnn.engine(), MemorySegment.NULL);
    oneDnn.call("dnnl_memory_desc_destroy", layout);
    return memory;
  }

  private void setArgument(int place, int index, MemorySegment memory) {
    arguments.set(JAVA_INT, (long) place * ARGUMENT_BYTES, index);
    arguments.set(ADDRESS, (long) place * ARGUMENT_BYTES + ADDRESS.byteSize(), memory);
  }

  /** Multiplies; the segments begin with the matrices' first elements. */
  void multiply(MemorySegment dataA, MemorySegment dataB, MemorySegment dataC) {
    oneDnn.setData(a, dataA);
    oneDnn.setData(b, dataB);
    oneDnn.setData(c, dataC);
    oneDnn.run(primitive, 3, arguments);
  }

  @Override
  public void close() {
    oneDnn.call("dnnl_primitive_destroy", primitive);
    oneDnn.call("dnnl_memory_destroy", a);
    oneDnn.call("dnnl_memory_destroy", b);
    oneDnn.call("dnnl_memory_destroy", c);
  }
}
