package dev.megalodon.kernels.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.megalodon.kernels.QueryKey;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.HeadsShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.Arrays;

/** Rows are (step, head): ẑ = u·ρ, then q and k affine in ẑ with the head's columns of γ and β. */
final class CpuQueryKey implements QueryKey {
  private static final int U = 0;
  private static final int Q = 1;
  private static final int K = 2;
  private static final int G = 3;
  private static final int SHARED_SCALES = 0;
  private static final int SHARED_BETA = 1;
  private static final int SHARED_GAMMA_PARTIALS = 2;
  private static final int SHARED_BETA_PARTIALS = 3;
  private static final int SHARED_COLUMNS = 0;

  private final Processor processor;

  CpuQueryKey(Processor processor) {
    this.processor = processor;
  }

  /**
   * A call's rows and where a head's parameters lie in padded rows: queries' heads first, then
   * keys'.
   */
  private record Layout(HeadsShape shape, RowBlocks blocks) {
    static Layout of(Tensor u, int heads, Tensor gamma, Tensor inverseRms) {
      HeadsShape shape = HeadsShape.of("u", u, heads);
      Shapes.expect("gamma", gamma, 2L * shape.columns());
      Shapes.expect("inverseRms", inverseRms, shape.steps() * heads);
      return new Layout(shape, wholeSteps(shape));
    }

    /** Blocks of whole steps, so that row r of every block belongs to head r mod heads. */
    private static RowBlocks wholeSteps(HeadsShape shape) {
      RowBlocks any = RowBlocks.of(shape.steps() * shape.heads(), shape.width());
      int steps = Math.max(1, any.blockRows() / shape.heads());
      return new RowBlocks(any.rows(), any.width(), any.stride(), steps * shape.heads());
    }

    int queryRow(int r) {
      return r % shape.heads() * blocks.stride();
    }

    int keyRow(int r) {
      return (shape.heads() + r % shape.heads()) * blocks.stride();
    }

    /** Elements of the parameter rows of queries and keys. */
    int parameters() {
      return 2 * shape.heads() * blocks.stride();
    }

    float root() {
      return (float) Math.sqrt(shape.width());
    }
  }

  @Override
  public void forward(
      Tensor u,
      Tensor gamma,
      Tensor beta,
      int heads,
      double epsilon,
      Tensor q,
      Tensor k,
      Tensor inverseRms) {
    Layout layout = Layout.of(u, heads, gamma, inverseRms);
    Shapes.expect("beta", beta, gamma.size());
    Shapes.expect("q", q, u.size());
    Shapes.expect("k", k, u.size());
    RowBlocks blocks = layout.blocks;
    float[] scales = scales(layout, gamma);
    float[] offsets = processor.shared().floats(SHARED_BETA, layout.parameters());
    for (int row = 0; row < 2 * heads; row++) {
      long from = (long) row * blocks.width();
      Weights.load(beta, from, blocks.width(), offsets, row * blocks.stride());
    }
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          float[] queries = scratch.floats(Q, blocks.tileSize());
          float[] keys = scratch.floats(K, blocks.tileSize());
          float[] inputs = scratch.floats(U, blocks.tileSize());
          int stride = blocks.stride();
          for (long block = first; block < end; block++) {
            blocks.load(u, block, inputs);
            for (int r = 0; r < blocks.rowsOf(block); r++) {
              int at = r * stride;
              double squares = Lanes.dot(inputs, at, inputs, at, stride, scratch.lanes);
              float rho = (float) (1 / Math.sqrt(squares / blocks.width() + epsilon));
              inverseRms.memory().setAtIndex(JAVA_FLOAT, blocks.firstRow(block) + r, rho);
              NormKernels.affine(
                  inputs, at, rho, scales, offsets, layout.queryRow(r), queries, stride);
              NormKernels.affine(inputs, at, rho, scales, offsets, layout.keyRow(r), keys, stride);
            }
            blocks.store(queries, block, q);
            blocks.store(keys, block, k);
          }
        });
  }

  /** (γ + 1)/√z in padded rows. */
  private float[] scales(Layout layout, Tensor gamma) {
    RowBlocks blocks = layout.blocks;
    float[] rows = processor.shared().floats(SHARED_SCALES, layout.parameters());
    for (int row = 0; row < 2 * layout.shape.heads(); row++) {
      Weights.loadPlusOne(
          gamma, (long) row * blocks.width(), blocks.width(), rows, row * blocks.stride());
    }
    for (int i = 0; i < layout.parameters(); i++) {
      rows[i] /= layout.root();
    }
    return rows;
  }

  @Override
  public void backward(
      Tensor dq,
      Tensor dk,
      Tensor u,
      Tensor gamma,
      int heads,
      Tensor inverseRms,
      Tensor du,
      Tensor dGamma,
      Tensor dBeta) {
    Layout layout = Layout.of(u, heads, gamma, inverseRms);
    Shapes.expect("dGamma", dGamma, gamma.size());
    Shapes.expect("dBeta", dBeta, gamma.size());
    Shapes.expect("dq", dq, u.size());
    Shapes.expect("dk", dk, u.size());
    Shapes.expect("du", du, u.size());
    RowBlocks blocks = layout.blocks;
    float[] scales = scales(layout, gamma);
    int sums = blocks.count() * layout.parameters();
    float[] gammaPartials = processor.shared().floats(SHARED_GAMMA_PARTIALS, sums);
    float[] betaPartials = processor.shared().floats(SHARED_BETA_PARTIALS, sums);
    processor.forEach(
        blocks.count(),
        blocks.work(),
        (scratch, first, end) -> {
          for (long block = first; block < end; block++) {
            blocks.load(u, block, scratch.floats(U, blocks.tileSize()));
            blocks.load(dq, block, scratch.floats(Q, blocks.tileSize()));
            blocks.load(dk, block, scratch.floats(K, blocks.tileSize()));
            backwardBlock(scratch, layout, block, scales, inverseRms, gammaPartials, betaPartials);
            blocks.store(scratch.floats(Q, blocks.tileSize()), block, du);
          }
        });
    addParameterSums(layout, gammaPartials, 1 / layout.root(), dGamma);
    addParameterSums(layout, betaPartials, 1, dBeta);
  }

  /** Turns dq into du for a block and sums what γ and β get from it. */
  private static void backwardBlock(
      Scratch scratch,
      Layout layout,
      long block,
      float[] scales,
      Tensor inverseRms,
      float[] gammaPartials,
      float[] betaPartials) {
    RowBlocks blocks = layout.blocks;
    int stride = blocks.stride();
    float[] inputs = scratch.floats(U, blocks.tileSize());
    float[] dq = scratch.floats(Q, blocks.tileSize());
    float[] dk = scratch.floats(K, blocks.tileSize());
    float[] weighted = scratch.floats(G, stride);
    int sums = Math.toIntExact(block * layout.parameters());
    Arrays.fill(gammaPartials, sums, sums + layout.parameters(), 0);
    Arrays.fill(betaPartials, sums, sums + layout.parameters(), 0);
    for (int r = 0; r < blocks.rowsOf(block); r++) {
      int at = r * stride;
      int query = layout.queryRow(r);
      int key = layout.keyRow(r);
      float rho = inverseRms.memory().getAtIndex(JAVA_FLOAT, blocks.firstRow(block) + r);
      NormKernels.weightGradient(dq, inputs, at, rho, gammaPartials, sums + query, stride);
      NormKernels.weightGradient(dk, inputs, at, rho, gammaPartials, sums + key, stride);
      PointwiseKernels.addAt(dq, at, betaPartials, sums + query, stride);
      PointwiseKernels.addAt(dk, at, betaPartials, sums + key, stride);
      NormKernels.weigh(dq, at, scales, query, weighted, stride);
      NormKernels.weighMore(dk, at, scales, key, weighted, stride);
      double product = Lanes.dot(weighted, 0, inputs, at, stride, scratch.lanes);
      float slope = (float) (-(double) rho * rho * rho * product / blocks.width());
      NormKernels.inputGradient(weighted, rho, inputs, at, slope, 0, dq, stride);
    }
  }

  /** Sums blocks in order, in double, and adds factor times the sums to a gradient (2, Z). */
  private void addParameterSums(Layout layout, float[] partials, double factor, Tensor gradient) {
    RowBlocks blocks = layout.blocks;
    double[] row = processor.shared().doubles(SHARED_COLUMNS, blocks.width());
    for (int parameter = 0; parameter < 2 * layout.shape.heads(); parameter++) {
      Arrays.fill(row, 0, blocks.width(), 0);
      for (int block = 0; block < blocks.count(); block++) {
        int at = block * layout.parameters() + parameter * blocks.stride();
        for (int i = 0; i < blocks.width(); i++) {
          row[i] += factor * partials[at + i];
        }
      }
      Gradients.add(row, blocks.width(), gradient, (long) parameter * blocks.width());
    }
  }
}
