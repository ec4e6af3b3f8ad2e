package dev.megalodon.trainer.bench;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.trainer.model.BackwardProgress;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.Initialization;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.Recompute;
import dev.megalodon.trainer.model.SequenceShare;
import dev.megalodon.trainer.model.TrainingPass;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.parallel.cost.LayerTimes;
import dev.megalodon.trainer.parallel.cost.SummaryBytes;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Forward and backward passes of a real model on one thread a rank. Where ranks outnumber cores
 * they wait for each other's cores: only ratios between the two exchanges mean something then.
 */
final class ModelWorkload implements Workload {
  private static final ModelConfig CONFIG =
      new ModelConfig(
          4, 128, 64, 256, 2, 256, 16, 128, 8, 1e-5, 256, 1e4, true, false, false, false);
  private static final int BATCH = 1;
  private static final int SLICE = 256;

  private final Device device = new CpuDevice(1);
  private final Map<ChunkExchange, TrainingPass> passes = new EnumMap<>(ChunkExchange.class);
  private final LayerTimes times;
  private final int[] tokens;
  private final double lossScale;

  ModelWorkload(ChunkGroup group) {
    FlatLayout layout = FlatLayout.of(CONFIG, 1, device.elementType().bytes(), 1 << 20);
    FlatTensors parameters = FlatTensors.allocate(device, layout);
    FlatTensors gradients = FlatTensors.allocate(device, layout);
    Initialization.initialize(device, CONFIG, 1, parameters);
    MegalodonModel model =
        new MegalodonModel(device, device, CONFIG, ModelWeights.of(CONFIG, parameters));
    ModelWeights sums = ModelWeights.of(CONFIG, gradients);
    List<Integer> lengths = Collections.nCopies(group.size(), SLICE);
    for (ChunkExchange exchange : ChunkExchange.values()) {
      SequenceShare share = new SequenceShare(group, lengths, exchange);
      passes.put(exchange, new TrainingPass(model, sums, BATCH, share, Recompute.NONE));
    }
    this.times = LayerTimer.measure(device, CONFIG, BATCH, SLICE);
    this.tokens = new Random(group.rank()).ints(BATCH * SLICE, 0, CONFIG.vocabSize()).toArray();
    this.lossScale = 1.0 / (BATCH * SLICE * group.size());
  }

  @Override
  public void step(ChunkExchange exchange) {
    TrainingPass pass = passes.get(exchange);
    if (pass == null) {
      throw new IllegalStateException("no pass for " + exchange);
    }
    pass.accumulate(tokens, tokens, lossScale, BackwardProgress.IGNORED);
  }

  @Override
  public int layers() {
    return CONFIG.layers();
  }

  @Override
  public LayerTimes times() {
    return times;
  }

  @Override
  public SummaryBytes bytes() {
    long norm = 3L * BATCH * CONFIG.normGroups() * Double.BYTES;
    long average = 2L * BATCH * CONFIG.modelDim() * CONFIG.cemaDim() * Float.BYTES;
    return new SummaryBytes(norm, average);
  }

  @Override
  public void close() {
    device.close();
  }
}
