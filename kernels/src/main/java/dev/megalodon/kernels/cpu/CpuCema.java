package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.HostAverages;
import dev.megalodon.kernels.shape.CemaShape;
import dev.megalodon.kernels.shape.Shapes;
import java.util.Arrays;
import java.util.List;

/**
 * The recurrence over tiles of {@link Cema#CHECKPOINT_INTERVAL} steps; backward recomputes a tile's
 * states from the one kept before it. Sums over steps are single within a tile, double beyond.
 */
final class CpuCema implements Cema {
  private static final int INPUTS = 0;
  private static final int OUTPUTS = 1;
  private static final int STATE = 2;
  private static final int LATER = 3;
  private static final int GRADIENTS = 4;
  private static final int HISTORY = 5;
  private static final int TILE_SUMS = 6;
  private static final int OMEGA = 7;
  private static final int OMEGA_SUMS = 8;
  private static final int MODE_SUMS = 0;
  private static final int SHARED_COEFFICIENTS = 0;
  private static final int SHARED_SUMS = 0;

  /** About how many elements' time one channel's coefficients take per mode. */
  private static final int COEFFICIENT_WORK = 400;

  private static final int TILE = CHECKPOINT_INTERVAL * CemaBlock.STRIDE;

  private final Processor processor;

  CpuCema(Processor processor) {
    this.processor = processor;
  }

  @Override
  public void coefficients(Parameters parameters, Coefficients result) {
    int channels = Math.toIntExact(parameters.omega().size());
    int modes = CemaShape.modes(parameters);
    CemaShape.checkCoefficients(channels, modes, result);
    processor.forEach(
        channels,
        (long) modes * COEFFICIENT_WORK,
        (scratch, first, end) -> {
          for (int d = (int) first; d < end; d++) {
            CemaCoefficients.compute(parameters, d, modes, result);
          }
        });
  }

  @Override
  public void forward(
      Tensor x, Parameters parameters, Tensor stateIn, Tensor y, Saved saved, Tensor stateOut) {
    CemaShape shape = CemaShape.of(x, parameters, saved);
    shape.checkState("stateIn", stateIn).checkState("stateOut", stateOut).checkSequence("y", y);
    coefficients(parameters, saved.coefficients());
    float[] packed = pack(shape, saved.coefficients());
    forEachBlock(
        shape,
        (scratch, block) -> {
          float[] state = scratch.floats(STATE, block.stateSize());
          block.loadState(stateIn, state);
          for (int i = 0; i < shape.intervals(); i++) {
            block.storeCheckpoint(state, saved.states(), i);
            forwardTile(scratch, block, i, x, parameters.omega(), packed, y);
          }
          block.storeState(state, stateOut);
        });
  }

  /** All blocks' coefficients in rows. */
  private float[] pack(CemaShape shape, Coefficients coefficients) {
    int blocks = CemaBlock.perSequence(shape);
    int size = CemaBlock.coefficientsSize(shape);
    float[] packed = processor.shared().floats(SHARED_COEFFICIENTS, blocks * size);
    processor.forEach(
        blocks,
        size,
        (scratch, first, end) -> {
          for (int number = (int) first; number < end; number++) {
            new CemaBlock(shape, 0, number).packCoefficients(coefficients, packed, number * size);
          }
        });
    return packed;
  }

  @FunctionalInterface
  private interface BlockPass {
    void run(Scratch scratch, CemaBlock block);
  }

  private void forEachBlock(CemaShape shape, BlockPass pass) {
    processor.forEach(
        (long) shape.batch() * CemaBlock.perSequence(shape),
        (long) shape.length() * CemaBlock.STRIDE * shape.modes(),
        (scratch, first, end) -> {
          for (long item = first; item < end; item++) {
            pass.run(scratch, CemaBlock.of(shape, item));
          }
        });
  }

  private static int steps(CemaShape shape, int interval) {
    return Math.min(CHECKPOINT_INTERVAL, shape.length() - interval * CHECKPOINT_INTERVAL);
  }

  private static void forwardTile(
      Scratch scratch,
      CemaBlock block,
      int interval,
      Tensor x,
      Tensor omega,
      float[] packed,
      Tensor y) {
    int steps = steps(block.shape(), interval);
    int step = interval * CHECKPOINT_INTERVAL;
    float[] inputs = scratch.floats(INPUTS, TILE);
    float[] outputs = scratch.floats(OUTPUTS, TILE);
    float[] state = scratch.floats(STATE, block.stateSize());
    block.loadTile(x, step, steps, inputs);
    skip(scratch, block, omega, steps, inputs, outputs);
    int c = block.number() * CemaBlock.coefficientsSize(block.shape());
    for (int k = 0; k < block.paddedWidth(); k += Lanes.SPECIES.length()) {
      for (int n = 0; n < block.modes(); n += 2) {
        CemaKernels.forward(
            inputs,
            outputs,
            k,
            steps,
            packed,
            c + n * CemaBlock.ROWS * CemaBlock.STRIDE + k,
            state,
            2 * n * CemaBlock.STRIDE + k);
      }
    }
    block.storeTile(outputs, step, steps, y);
  }

  /** to = omega ⊙ from, row by row. */
  private static void skip(
      Scratch scratch, CemaBlock block, Tensor omega, int steps, float[] from, float[] to) {
    float[] row = scratch.floats(OMEGA, CemaBlock.STRIDE);
    Tiles.load(omega, block.firstChannel(), block.width(), row);
    for (int t = 0; t < steps; t++) {
      int at = t * CemaBlock.STRIDE;
      PointwiseKernels.multiplyAt(from, at, row, 0, to, at, block.paddedWidth());
    }
  }

  @Override
  public void backward(
      Tensor dy,
      Tensor x,
      Parameters parameters,
      Saved saved,
      Tensor dStateOut,
      Tensor dx,
      Parameters gradients,
      Tensor dStateIn) {
    CemaShape shape = CemaShape.of(x, parameters, saved);
    shape.checkState("dStateOut", dStateOut).checkState("dStateIn", dStateIn);
    shape.checkSequence("dy", dy).checkSequence("dx", dx);
    Shapes.require(
        CemaShape.modes(gradients) == shape.modes(), "gradients have another number of modes");
    float[] packed = pack(shape, saved.coefficients());
    CemaSums sums = CemaSums.of(shape, processor.shared(), SHARED_SUMS);
    forEachBlock(
        shape,
        (scratch, block) -> {
          sums.clear(block);
          float[] later = scratch.floats(LATER, block.stateSize());
          block.loadState(dStateOut, later);
          for (int i = shape.intervals() - 1; i >= 0; i--) {
            backwardTile(scratch, block, i, dy, x, parameters.omega(), packed, saved, dx, sums);
          }
          block.storeState(later, dStateIn);
        });
    addGradients(shape, parameters, saved.coefficients(), sums, gradients);
  }

  private static void backwardTile(
      Scratch scratch,
      CemaBlock block,
      int interval,
      Tensor dy,
      Tensor x,
      Tensor omega,
      float[] packed,
      Saved saved,
      Tensor dx,
      CemaSums sums) {
    int steps = steps(block.shape(), interval);
    int step = interval * CHECKPOINT_INTERVAL;
    float[] inputs = scratch.floats(INPUTS, TILE);
    float[] gradients = scratch.floats(GRADIENTS, TILE);
    float[] outputs = scratch.floats(OUTPUTS, TILE);
    float[] state = scratch.floats(STATE, block.stateSize());
    block.loadTile(x, step, steps, inputs);
    block.loadTile(dy, step, steps, gradients);
    block.loadCheckpoint(saved.states(), interval, state);
    skip(scratch, block, omega, steps, gradients, outputs);
    addOmegaSums(scratch, block, steps, inputs, gradients, sums);
    int c = block.number() * CemaBlock.coefficientsSize(block.shape());
    for (int k = 0; k < block.paddedWidth(); k += Lanes.SPECIES.length()) {
      for (int n = 0; n < block.shape().modes(); n++) {
        int mode = c + n * CemaBlock.ROWS * CemaBlock.STRIDE + k;
        backwardMode(scratch, block, k, n, steps, packed, mode, sums);
      }
    }
    block.storeTile(outputs, step, steps, dx);
  }

  private static void backwardMode(
      Scratch scratch,
      CemaBlock block,
      int k,
      int n,
      int steps,
      float[] packed,
      int mode,
      CemaSums sums) {
    int lanes = Lanes.SPECIES.length();
    int s = 2 * n * CemaBlock.STRIDE + k;
    float[] inputs = scratch.floats(INPUTS, TILE);
    float[] history = scratch.floats(HISTORY, (CHECKPOINT_INTERVAL + 1) * 2 * lanes);
    float[] tileSums = scratch.floats(TILE_SUMS, CemaKernels.SUMS * lanes);
    float[] state = scratch.floats(STATE, block.stateSize());
    CemaKernels.history(inputs, k, steps, packed, mode, state, s, history);
    CemaKernels.backward(
        inputs,
        scratch.floats(GRADIENTS, TILE),
        scratch.floats(OUTPUTS, TILE),
        k,
        steps,
        packed,
        mode,
        scratch.floats(LATER, block.stateSize()),
        s,
        history,
        tileSums);
    for (int i = 0; i < CemaKernels.SUMS; i++) {
      Lanes.addTo(tileSums, i * lanes, sums.totals(), sums.row(block, n, i) + k, lanes);
    }
  }

  /** dOmega = Σ dy·x. */
  private static void addOmegaSums(
      Scratch scratch,
      CemaBlock block,
      int steps,
      float[] inputs,
      float[] gradients,
      CemaSums sums) {
    float[] row = scratch.floats(OMEGA_SUMS, CemaBlock.STRIDE);
    Arrays.fill(row, 0, block.paddedWidth(), 0);
    for (int t = 0; t < steps; t++) {
      int at = t * CemaBlock.STRIDE;
      PointwiseKernels.multiplyAccumulate(gradients, at, inputs, at, row, 0, block.paddedWidth());
    }
    Lanes.addTo(row, 0, sums.totals(), sums.omegaRow(block), block.paddedWidth());
  }

  private void addGradients(
      CemaShape shape,
      Parameters parameters,
      Coefficients coefficients,
      CemaSums sums,
      Parameters gradients) {
    processor.forEach(
        shape.channels(),
        (long) shape.modes() * COEFFICIENT_WORK,
        (scratch, first, end) -> {
          double[] mode = scratch.doubles(MODE_SUMS, CemaKernels.SUMS);
          for (int d = (int) first; d < end; d++) {
            double dSigma = 0;
            for (int n = 0; n < shape.modes(); n++) {
              sums.overSequences(d, n, mode);
              dSigma +=
                  CemaCoefficients.addGradients(
                      parameters, coefficients, d, n, shape.modes(), mode, gradients);
            }
            CemaCoefficients.addThetaGradient(parameters, d, dSigma, gradients);
            CemaCoefficients.add(gradients.omega().memory(), d, sums.omegaOverSequences(d));
          }
        });
  }

  @Override
  public void advance(Tensor x, Coefficients coefficients, Tensor stateIn, Tensor stateOut) {
    CemaShape shape = CemaShape.of(x, coefficients);
    shape.checkState("stateIn", stateIn).checkState("stateOut", stateOut);
    float[] packed = pack(shape, coefficients);
    forEachBlock(
        shape,
        (scratch, block) -> {
          float[] state = scratch.floats(STATE, block.stateSize());
          block.loadState(stateIn, state);
          for (int i = 0; i < shape.intervals(); i++) {
            stateTile(scratch, block, i, x, packed, state, CemaKernels::advance);
          }
          block.storeState(state, stateOut);
        });
  }

  @Override
  public void retreat(Tensor dy, Coefficients coefficients, Tensor dStateOut, Tensor dStateIn) {
    CemaShape shape = CemaShape.of(dy, coefficients);
    shape.checkState("dStateOut", dStateOut).checkState("dStateIn", dStateIn);
    float[] packed = pack(shape, coefficients);
    forEachBlock(
        shape,
        (scratch, block) -> {
          float[] later = scratch.floats(LATER, block.stateSize());
          block.loadState(dStateOut, later);
          for (int i = shape.intervals() - 1; i >= 0; i--) {
            stateTile(scratch, block, i, dy, packed, later, CemaKernels::retreat);
          }
          block.storeState(later, dStateIn);
        });
  }

  /** Takes two modes' states through the steps of a tile. */
  @FunctionalInterface
  private interface StateKernel {
    void run(float[] values, int at, int steps, float[] coefficients, int c, float[] states, int s);
  }

  private static void stateTile(
      Scratch scratch,
      CemaBlock block,
      int interval,
      Tensor source,
      float[] packed,
      float[] state,
      StateKernel kernel) {
    int steps = steps(block.shape(), interval);
    float[] values = scratch.floats(INPUTS, TILE);
    block.loadTile(source, interval * CHECKPOINT_INTERVAL, steps, values);
    int c = block.number() * CemaBlock.coefficientsSize(block.shape());
    for (int k = 0; k < block.paddedWidth(); k += Lanes.SPECIES.length()) {
      for (int n = 0; n < block.modes(); n += 2) {
        int mode = c + n * CemaBlock.ROWS * CemaBlock.STRIDE + k;
        kernel.run(values, k, steps, packed, mode, state, 2 * n * CemaBlock.STRIDE + k);
      }
    }
  }

  @Override
  public void combine(Coefficients coefficients, List<Slice> slices, Tensor state) {
    join(coefficients, slices, /* conjugated= */ false, state);
  }

  @Override
  public void combineGradients(Coefficients coefficients, List<Slice> slices, Tensor gradient) {
    join(coefficients, slices.reversed(), /* conjugated= */ true, gradient);
  }

  private void join(
      Coefficients coefficients, List<Slice> slices, boolean conjugated, Tensor result) {
    CemaShape shape = CemaShape.ofStates(result, coefficients).checkSlices(slices);
    HostAverages averages = new HostAverages(shape, coefficients, slices, conjugated, result);
    processor.forEach(
        shape.channels(),
        (long) shape.modes() * COEFFICIENT_WORK,
        (scratch, first, end) -> averages.combine((int) first, (int) end));
  }
}
