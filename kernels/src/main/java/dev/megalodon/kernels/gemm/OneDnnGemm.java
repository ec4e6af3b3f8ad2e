package dev.megalodon.kernels.gemm;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.shape.GemmShape;
import dev.megalodon.kernels.shape.Shapes;
import dev.megalodon.kernels.threads.ThreadTeam;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * oneDNN on tensors' own memory. It compiles a kernel for each shape and layout, which is kept. In
 * precision bf16, parameters are multiplied where they lie, and other factors from a rounded copy;
 * sums are FLOAT32. The bits of results depend on the processor and on the number of threads, which
 * {@link #description} names.
 */
public final class OneDnnGemm implements Gemm {
  /** Kernels kept: many more than a training step uses. */
  private static final int KEPT = 1024;

  private final Precision precision;
  private final int threads;
  private final OneDnn oneDnn;
  private final InstructionSet instructions;
  private final RoundedCopy roundedA;
  private final RoundedCopy roundedB;
  private final Map<OneDnnProduct.Form, OneDnnProduct> products =
      new LinkedHashMap<>(KEPT, /* loadFactor= */ 0.75f, /* accessOrder= */ true);

  /**
   * Loads oneDNN.
   *
   * @param team says how many threads oneDNN uses of its own, and rounds factors
   * @throws IllegalStateException when it cannot be loaded here, or this processor lacks the
   *     precision
   */
  public OneDnnGemm(ThreadTeam team, Precision precision) {
    this.precision = precision;
    this.threads = team.size();
    this.oneDnn = new OneDnn();
    this.instructions = oneDnn.instructionSet();
    if (precision == Precision.BF16 && !instructions.multipliesBfloat16()) {
      oneDnn.close();
      throw new IllegalStateException(
          ("oneDNN multiplies bf16 with avx512_core or avx2_vnni_2, and this processor has %s;"
                  + " choose the GEMM 'vector', which emulates bf16, or precision fp32")
              .formatted(instructions));
    }
    this.roundedA = new RoundedCopy(team);
    this.roundedB = new RoundedCopy(team);
  }

  @Override
  public String description() {
    return "onednn: %s, %s, %d threads%s"
        .formatted(oneDnn.version(), instructions, threads, factors());
  }

  private String factors() {
    if (precision == Precision.FP32) {
      return "";
    }
    return instructions.multipliesBfloat16Natively() ? ", native bf16" : ", widened bf16";
  }

  @Override
  public void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    GemmShape shape = GemmShape.of(a, b, c);
    requireFloats(c);
    if (shape.m() == 0 || shape.n() == 0) {
      return;
    }
    if (shape.k() == 0) {
      EmptySum.scale((float) beta, c, shape);
      return;
    }
    multiply((float) alpha, factor(a, roundedA), factor(b, roundedB), (float) beta, c, shape);
  }

  private static void requireFloats(Matrix matrix) {
    Shapes.require(
        matrix.storage().type() == ElementType.FLOAT32,
        "oneDNN gives FLOAT32 here, not %s",
        matrix.storage());
  }

  /** The factor in the type that is multiplied. */
  private Matrix factor(Matrix matrix, RoundedCopy copy) {
    return switch (Reading.of(matrix, precision)) {
      case AS_STORED, WIDENED -> matrix;
      case ROUNDED -> copy.of(matrix);
    };
  }

  private void multiply(float alpha, Matrix a, Matrix b, float beta, Matrix c, GemmShape shape) {
    OneDnnProduct.Form form =
        new OneDnnProduct.Form(
            shape,
            precision.parameterType(),
            OneDnnProduct.Layout.of(a),
            OneDnnProduct.Layout.of(b),
            OneDnnProduct.Layout.of(c),
            alpha,
            beta);
    oneDnn.setThreads(threads);
    product(form).multiply(firstElement(a), firstElement(b), firstElement(c));
  }

  private OneDnnProduct product(OneDnnProduct.Form form) {
    OneDnnProduct known = products.get(form);
    if (known != null) {
      return known;
    }
    if (products.size() == KEPT) {
      Iterator<OneDnnProduct> leastRecent = products.values().iterator();
      leastRecent.next().close();
      leastRecent.remove();
    }
    OneDnnProduct compiled = new OneDnnProduct(oneDnn, form);
    products.put(form, compiled);
    return compiled;
  }

  private static MemorySegment firstElement(Matrix matrix) {
    return matrix.storage().memory().asSlice(matrix.storage().type().bytes() * matrix.offset());
  }

  @Override
  public void close() {
    products.values().forEach(OneDnnProduct::close);
    products.clear();
    roundedA.close();
    roundedB.close();
    oneDnn.close();
  }
}
